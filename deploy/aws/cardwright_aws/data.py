"""What is kept: network, keys, PostgreSQL, Valkey, buckets, secrets."""

from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cardwright_aws.sizes import Size

DATABASE_NAME = "cardwright"
_AUDIT_YEARS = 7
_NOT_IN_ADDRESSES = "%+~`#$&*()|[]{}:;<>?!'/@\"\\ ^=,"
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Keys:
    """Two keys: one for what AWS keeps for us, one that wraps the product's own data keys."""

    storage: kms.Key
    wrapping: kms.Key


class Data(Construct):
    """Everything that outlives the services; nothing of it is removed with the stack."""

    def __init__(self, scope: Construct, name: str, size: Size) -> None:
        super().__init__(scope, name)
        self.keys = Keys(
            kms.Key(self, "StorageKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN),
            kms.Key(
                self, "WrappingKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN,
                pending_window=Duration.days(30),
                description="Wraps the data keys that personal data and card numbers are sealed with",
            ),
        )  # fmt: skip
        self.vpc = self._network(size)
        self.database = self._database(size)
        self.cache_token = secretsmanager.Secret(
            self, "CacheToken", encryption_key=self.keys.storage,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=48, exclude_punctuation=True
            ),
        )  # fmt: skip
        self.cache, self.cache_group = self._cache(size)
        self._accesses = s3.Bucket(
            self, "Accesses", encryption=s3.BucketEncryption.S3_MANAGED, enforce_ssl=True, versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL, removal_policy=RemovalPolicy.RETAIN,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(400))],
        )  # fmt: skip
        cast("s3.CfnBucket", self._accesses.node.default_child).add_metadata(
            "checkov", {"skip": [{"id": "CKV_AWS_18", "comment": "it would be logged into itself"}]}
        )
        self.documents = self._bucket("Documents")
        self.audit = self._bucket(
            "Audit",
            object_lock_enabled=True,
            object_lock_default_retention=s3.ObjectLockRetention.compliance(
                Duration.days(_AUDIT_YEARS * _YEAR_DAYS)
            ),
        )
        # Made empty: the operator fills it in, and no value of it is in any template.
        self.settings = secretsmanager.Secret(
            self, "Settings", encryption_key=self.keys.storage, removal_policy=RemovalPolicy.RETAIN,
            description="Cardwright's settings, as one JSON object; see docs/guides/aws.md",
        )  # fmt: skip

    def _network(self, size: Size) -> ec2.Vpc:
        subnet = ec2.SubnetConfiguration
        vpc = ec2.Vpc(
            self, "Network", max_azs=3, nat_gateways=size.nat_gateways,
            restrict_default_security_group=True,
            subnet_configuration=[
                subnet(
                    name="outward", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24,
                    map_public_ip_on_launch=False,
                ),
                subnet(name="services", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
                subnet(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
        )  # fmt: skip
        vpc.add_flow_log(
            "Refused", traffic_type=ec2.FlowLogTrafficType.REJECT,
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(
                logs.LogGroup(
                    self, "RefusedTraffic", retention=logs.RetentionDays.ONE_YEAR,
                    encryption_key=self.keys.storage,
                )
            ),
        )  # fmt: skip
        return vpc

    def _database(self, size: Size) -> rds.DatabaseInstance:
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.of("18.1", "18"))
        parameters = rds.ParameterGroup(
            self, "Parameters", engine=engine,
            parameters={
                "rds.force_ssl": "1",
                "log_parameter_max_length_on_error": "0",  # what was to be stored stays out of the logs
                "idle_in_transaction_session_timeout": "60000",
                "log_lock_waits": "1",
                "log_min_duration_statement": "1000",
                "log_parameter_max_length": "0",
            },
        )  # fmt: skip
        return rds.DatabaseInstance(
            self, "Database", engine=engine, parameter_group=parameters, vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            instance_type=ec2.InstanceType(size.database),
            # The name is that of the product's own role: it is no superuser on RDS.
            credentials=rds.Credentials.from_generated_secret(
                "cardwright", encryption_key=self.keys.storage, exclude_characters=_NOT_IN_ADDRESSES,
            ),
            database_name=DATABASE_NAME, multi_az=True,
            storage_type=rds.StorageType.GP3, allocated_storage=size.database_gib,
            max_allocated_storage=size.database_gib * 4,
            storage_encrypted=True, storage_encryption_key=self.keys.storage,
            backup_retention=Duration.days(35), copy_tags_to_snapshot=True, delete_automated_backups=False,
            preferred_backup_window="02:00-03:00", preferred_maintenance_window="sun:03:30-sun:04:30",
            deletion_protection=True, removal_policy=RemovalPolicy.SNAPSHOT,
            auto_minor_version_upgrade=True, iam_authentication=True,
            cloudwatch_logs_exports=["postgresql"], cloudwatch_logs_retention=logs.RetentionDays.ONE_YEAR,
            enable_performance_insights=True, performance_insight_encryption_key=self.keys.storage,
            monitoring_interval=Duration.seconds(60),
        )  # fmt: skip

    def _cache(self, size: Size) -> tuple[elasticache.CfnReplicationGroup, ec2.SecurityGroup]:
        group = ec2.SecurityGroup(self, "CacheGroup", vpc=self.vpc, allow_all_outbound=False)
        isolated = self.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        subnets = elasticache.CfnSubnetGroup(
            self, "CacheSubnets", description="Where the cache is", subnet_ids=isolated.subnet_ids
        )
        cache = elasticache.CfnReplicationGroup(
            self, "Cache", replication_group_description="Limits of rates, and who is to be woken",
            engine="valkey", engine_version="8.0", cache_node_type=size.cache, num_cache_clusters=2,
            automatic_failover_enabled=True, multi_az_enabled=True,
            at_rest_encryption_enabled=True, kms_key_id=self.keys.storage.key_arn,
            transit_encryption_enabled=True, transit_encryption_mode="required",
            auth_token=SecretValue.secrets_manager(self.cache_token.secret_arn).unsafe_unwrap(),
            cache_subnet_group_name=subnets.ref, security_group_ids=[group.security_group_id],
            snapshot_retention_limit=1, auto_minor_version_upgrade=True,
        )  # fmt: skip
        return cache, group

    def _bucket(self, name: str, **more: object) -> s3.Bucket:
        return s3.Bucket(
            self, name, encryption=s3.BucketEncryption.KMS, encryption_key=self.keys.storage,
            bucket_key_enabled=True, enforce_ssl=True, minimum_tls_version=1.2, versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL, removal_policy=RemovalPolicy.RETAIN,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1))
            ],
            # Who read which object, by names that say nothing of anybody.
            server_access_logs_bucket=self._accesses, server_access_logs_prefix=f"{name.lower()}/",
            **more,
        )  # fmt: skip
