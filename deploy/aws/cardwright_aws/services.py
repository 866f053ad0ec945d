"""What runs: the API, what answers authorizations, workers, migrations, and the nightly copy of the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from constructs import Construct

from cardwright_aws.data import DATABASE_NAME, Data
from cardwright_aws.sizes import Size, Tasks

FILLED_IN: Final = (
    "CARDWRIGHT_SECURITY__CODE_KEY", "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM", "CARDWRIGHT_STRIPE__API_KEY",
    "CARDWRIGHT_STRIPE__WEBHOOK_SECRET", "CARDWRIGHT_STRIPE__AUTHORIZATION_SECRET",
    "CARDWRIGHT_TWILIO__ACCOUNT_SID", "CARDWRIGHT_TWILIO__AUTH_TOKEN", "CARDWRIGHT_TWILIO__SENDER",
    "CARDWRIGHT_SMTP__USERNAME", "CARDWRIGHT_SMTP__PASSWORD", "PUSH_ACCOUNT",
)  # fmt: skip
"""What the operator puts into the secret of settings, name by name."""
AUTHORIZATIONS: Final = "/webhooks/stripe/authorizations"
SLOW_SECONDS: Final = 0.4
"""At this much of the network's two seconds more tasks are started."""
_KEEP_TRAIL: Final = (
    "cardwright audit export /tmp/trail.jsonl && exec python -c 'import boto3, datetime, os;"
    " day = datetime.datetime.now(datetime.UTC).date().isoformat();"
    ' boto3.client("s3").upload_file("/tmp/trail.jsonl", os.environ["AUDIT_BUCKET"], f"trail/{day}.jsonl",'
    ' ExtraArgs={"ChecksumAlgorithm": "SHA256"})\''
)


@dataclass(frozen=True, slots=True)
class Image:
    """Which image runs, and for which site."""

    name: str
    site: str
    region: str


class Services(Construct):
    """Services of ECS on Fargate behind one balancer that only the edge reaches."""

    def __init__(
        self, scope: Construct, name: str, size: Size, data: Data, image: Image, certificate: acm.ICertificate
    ) -> None:
        super().__init__(scope, name)
        self._data, self._image, self._pool = data, image, size.pool
        self.cluster = ecs.Cluster(
            self, "Cluster", vpc=data.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        self._logs = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_YEAR, encryption_key=data.keys.storage
        )
        self._group = ec2.SecurityGroup(self, "Tasks", vpc=data.vpc)
        data.database.connections.allow_default_port_from(self._group, "Cardwright")
        data.cache_group.add_ingress_rule(self._group, ec2.Port.tcp(6379), "Cardwright")
        self.balancer = elbv2.ApplicationLoadBalancer(
            self, "Balancer", vpc=data.vpc, internet_facing=False, drop_invalid_header_fields=True,
            deletion_protection=True, idle_timeout=Duration.seconds(75),
            # Who asked is what CloudFront noted last; a note of the balancer's own would hide it.
            xff_header_processing_mode=elbv2.XffHeaderProcessingMode.PRESERVE,
        )  # fmt: skip
        self.api = self._service("Api", size.api, ["cardwright", "serve", "--host", "0.0.0.0"])  # noqa: S104
        self.decisions = self._service(
            "Decisions", size.decisions, ["cardwright", "serve", "--host", "0.0.0.0"]  # noqa: S104
        )  # fmt: skip
        self.workers = self._service("Workers", size.workers, ["cardwright", "worker"])
        self.migration = self._task("Migrate", Tasks(1, 1, 512, 2048), ["cardwright", "migrate"])
        self._keep_trail()
        self._listen(certificate)
        self._scale(size)

    def _task(self, name: str, tasks: Tasks, command: Sequence[str]) -> ecs.FargateTaskDefinition:
        data = self._data
        linux = ecs.LinuxParameters(self, f"{name}Linux", init_process_enabled=True)
        linux.drop_capabilities(ecs.Capability.ALL)
        task = ecs.FargateTaskDefinition(
            self, f"{name}Task", cpu=tasks.cpu, memory_limit_mib=tasks.memory,
            volumes=[ecs.Volume(name="tmp"), ecs.Volume(name="kept")],
        )  # fmt: skip
        credentials = data.database.secret
        assert credentials is not None  # noqa: S101 - it is generated
        container = task.add_container(
            "cardwright", image=ecs.ContainerImage.from_registry(self._image.name),
            entry_point=["start-on-aws"], command=list(command), user="10001:10001",
            readonly_root_filesystem=True, stop_timeout=Duration.seconds(60),
            logging=ecs.LogDrivers.aws_logs(stream_prefix=name.lower(), log_group=self._logs),
            environment={
                "CARDWRIGHT_PUBLIC_URL": f"https://{self._image.site}",
                "CARDWRIGHT_OAUTH__SIGN_IN_PAGE": f"https://{self._image.site}/sign-in",
                "CARDWRIGHT_ENCRYPTION__PROVIDER": "aws-kms",
                "CARDWRIGHT_ENCRYPTION__KMS_KEY_ID": data.keys.wrapping.key_arn,
                "CARDWRIGHT_ENCRYPTION__KMS_REGION": self._image.region,
                "CARDWRIGHT_DOCUMENTS__STORE": "s3",
                "CARDWRIGHT_DOCUMENTS__S3_BUCKET": data.documents.bucket_name,
                "CARDWRIGHT_DOCUMENTS__S3_REGION": self._image.region,
                "CARDWRIGHT_SMTP__HOST": f"email-smtp.{self._image.region}.amazonaws.com",
                "CARDWRIGHT_SMTP__SENDER": f"no-reply@{self._image.site}",
                "CARDWRIGHT_DATABASE_POOL_SIZE": str(self._pool),
                "AUDIT_BUCKET": data.audit.bucket_name,
                "DATABASE_HOST": data.database.db_instance_endpoint_address,
                "DATABASE_NAME": DATABASE_NAME,
                "PGSSLMODE": "require",
                "CACHE_HOST": data.cache.attr_primary_end_point_address,
                # Nobody but the balancer reaches the tasks: what comes from our network is its word.
                "FORWARDED_ALLOW_IPS": data.vpc.vpc_cidr_block,
            },
            secrets={
                "DATABASE_USER": ecs.Secret.from_secrets_manager(credentials, "username"),
                "DATABASE_PASSWORD": ecs.Secret.from_secrets_manager(credentials, "password"),
                "CACHE_TOKEN": ecs.Secret.from_secrets_manager(data.cache_token),
                **{it: ecs.Secret.from_secrets_manager(data.settings, it) for it in FILLED_IN},
            },
            linux_parameters=linux,
        )  # fmt: skip
        container.add_mount_points(
            ecs.MountPoint(container_path="/tmp", source_volume="tmp", read_only=False),  # noqa: S108 - theirs
            ecs.MountPoint(container_path="/var/lib/cardwright", source_volume="kept", read_only=False),
        )
        container.add_port_mappings(ecs.PortMapping(container_port=8000))
        data.keys.wrapping.grant_encrypt_decrypt(task.task_role)
        data.documents.grant_read_write(task.task_role)
        return task

    def _service(self, name: str, tasks: Tasks, command: Sequence[str]) -> ecs.FargateService:
        return ecs.FargateService(
            self, name, cluster=self.cluster, task_definition=self._task(name, tasks, command),
            desired_count=tasks.least, security_groups=[self._group], assign_public_ip=False,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            min_healthy_percent=100, max_healthy_percent=200,
            propagate_tags=ecs.PropagatedTagSource.SERVICE, enable_ecs_managed_tags=True,
        )  # fmt: skip

    def _keep_trail(self) -> None:
        task = self._task("Trail", Tasks(1, 1, 512, 2048), ["sh", "-c", _KEEP_TRAIL])
        # It can add, and neither read nor remove: the bucket keeps what it has, whoever asks.
        self._data.audit.grant_put(task.task_role)
        events.Rule(
            self, "Nightly", schedule=events.Schedule.cron(hour="3", minute="10"),
            targets=[
                targets.EcsTask(
                    cluster=self.cluster, task_definition=task, security_groups=[self._group],
                    subnet_selection=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                )
            ],
        )  # fmt: skip

    def _target(self, name: str, service: ecs.FargateService) -> elbv2.ApplicationTargetGroup:
        return elbv2.ApplicationTargetGroup(
            self, name, vpc=self._data.vpc, port=8000, protocol=elbv2.ApplicationProtocol.HTTP,
            targets=[service], deregistration_delay=Duration.seconds(30),
            load_balancing_algorithm_type=elbv2.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            health_check=elbv2.HealthCheck(
                path="/readyz", interval=Duration.seconds(10), timeout=Duration.seconds(3),
                healthy_threshold_count=2, unhealthy_threshold_count=3,
            ),
        )  # fmt: skip

    def _listen(self, certificate: acm.ICertificate) -> None:
        listener = self.balancer.add_listener(
            "Https", port=443, certificates=[certificate], open=False,
            ssl_policy=elbv2.SslPolicy.TLS13_RES,
            default_action=elbv2.ListenerAction.fixed_response(404),
        )  # fmt: skip
        self.api_target = self._target("ApiTarget", self.api)
        self.decisions_target = self._target("DecisionsTarget", self.decisions)
        here = elbv2.ListenerCondition.host_headers([self._image.site])
        paths = elbv2.ListenerCondition.path_patterns
        listener.add_action(
            "Hidden", priority=1, conditions=[here, paths(["/metrics*", "/readyz"])],
            action=elbv2.ListenerAction.fixed_response(404),
        )  # fmt: skip
        listener.add_action(
            "Authorizations", priority=2, conditions=[here, paths([AUTHORIZATIONS])],
            action=elbv2.ListenerAction.forward([self.decisions_target]),
        )  # fmt: skip
        listener.add_action(
            "Everything", priority=3, conditions=[here],
            action=elbv2.ListenerAction.forward([self.api_target]),
        )  # fmt: skip

    def _scale(self, size: Size) -> None:
        deciding = self.decisions.auto_scale_task_count(
            min_capacity=size.decisions.least, max_capacity=size.decisions.most
        )
        # Their target hears nothing but authorizations, so its time is the time of a decision.
        deciding.scale_on_metric(
            "Latency",
            metric=self.decision_seconds(),
            scaling_steps=[
                scaling.ScalingInterval(upper=SLOW_SECONDS / 4, change=-1),
                scaling.ScalingInterval(lower=SLOW_SECONDS, change=2),
                scaling.ScalingInterval(lower=SLOW_SECONDS * 2, change=4),
            ],
            adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=Duration.minutes(3),
        )
        deciding.scale_on_cpu_utilization("Cpu", target_utilization_percent=45)
        for service, tasks in ((self.api, size.api), (self.workers, size.workers)):
            service.auto_scale_task_count(
                min_capacity=tasks.least, max_capacity=tasks.most
            ).scale_on_cpu_utilization("Cpu", target_utilization_percent=60)

    def decision_seconds(self) -> cloudwatch.Metric:
        """How long 99 of 100 decisions take at most, as the balancer sees it."""
        return self.decisions_target.metrics.target_response_time(statistic="p99", period=Duration.minutes(1))
