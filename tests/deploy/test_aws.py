"""The stacks on AWS: synthesized as `cdk` does it, linted by cfn-lint, and looked through."""

import json
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cardwright_aws.costs import USES, items, tables
from cardwright_aws.sizes import SIZES, Size
from deploy.dockerfiles import stages_of
from deploy.programs import DEPLOY, program
from deploy.synthesis import CONTEXT, synthesize
from optional import do_without, find_node

ROOT = DEPLOY.parent
WAIVED = {
    "W3010": "zones are made up where no account is asked; the CDK asks the account that deploys",
    "W3005": "dependencies that the CDK's own resources state twice",
}


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    find_spec("aws_cdk") or do_without("no aws_cdk here: uv sync --group cdk")
    folder = tmp_path_factory.mktemp("cdk")
    synthesize(folder, find_node())
    return folder


@pytest.fixture(scope="module")
def resources(synthesized: Path) -> dict[str, dict[str, Any]]:
    return _resources(synthesized / "Cardwright.template.json")


@pytest.fixture(scope="module")
def wall(synthesized: Path) -> dict[str, dict[str, Any]]:
    return _resources(synthesized / "CardwrightWall.template.json")


def _resources(template: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(template.read_text())["Resources"]
    return found


def of(resources: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found = [it for it in resources.values() if it["Type"] == f"AWS::{kind}"]
    assert found, f"there is no {kind}"
    return found


def properties(resources: dict[str, dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    return (it["Properties"] for it in of(resources, kind))


def test_cfn_lint_has_nothing_to_say(synthesized: Path) -> None:
    waived = [word for rule in WAIVED for word in ("--ignore-checks", rule)]
    templates = sorted(map(str, synthesized.glob("*.template.json")))
    regions = ["--regions", "eu-central-1", "us-east-1"]
    done = subprocess.run(
        [program("cfn-lint"), *waived, *regions, "--", *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_no_part_but_cloudfront_and_gateways_can_be_reached(resources: dict[str, dict[str, Any]]) -> None:
    (balancer,) = properties(resources, "ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == "internal"
    attributes = {it["Key"]: it["Value"] for it in balancer["LoadBalancerAttributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["deletion_protection.enabled"] == "true"
    for group in properties(resources, "EC2::SecurityGroup"):
        assert not [it for it in group.get("SecurityGroupIngress", ()) if it.get("CidrIp") == "0.0.0.0/0"]
    for service in properties(resources, "ECS::Service"):
        assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"
    (database,) = properties(resources, "RDS::DBInstance")
    assert database["PubliclyAccessible"] is False


def test_who_asked_is_believed_of_cloudfront_alone(resources: dict[str, dict[str, Any]]) -> None:
    # CloudFront notes the viewer last; the balancer notes nothing, and tasks believe our network only.
    (balancer,) = properties(resources, "ElasticLoadBalancingV2::LoadBalancer")
    attributes = {it["Key"]: it["Value"] for it in balancer["LoadBalancerAttributes"]}
    assert attributes["routing.http.xff_header_processing.mode"] == "preserve"
    for task in properties(resources, "ECS::TaskDefinition"):
        (container,) = task["ContainerDefinitions"]
        told = {it["Name"]: it["Value"] for it in container["Environment"]}
        assert told["FORWARDED_ALLOW_IPS"] == {"Fn::GetAtt": [_name_of(resources, "EC2::VPC"), "CidrBlock"]}


def _name_of(resources: dict[str, dict[str, Any]], kind: str) -> str:
    (name,) = [name for name, it in resources.items() if it["Type"] == f"AWS::{kind}"]
    return name


def test_tasks_run_as_the_images_user_and_may_nothing(resources: dict[str, dict[str, Any]]) -> None:
    user = stages_of(DEPLOY / "Dockerfile")[-1].all("USER")[-1]
    tasks = list(properties(resources, "ECS::TaskDefinition"))
    commands = []
    for task in tasks:
        (container,) = task["ContainerDefinitions"]
        commands.append(container["Command"][:2])
        assert container["User"] == user
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"]["Capabilities"]["Drop"] == ["ALL"]
        assert container["LogConfiguration"]["LogDriver"] == "awslogs"
        assert container["EntryPoint"] == ["start-on-aws"]
    served, worked, migrated = ["cardwright", "serve"], ["cardwright", "worker"], ["cardwright", "migrate"]
    assert sorted(commands) == sorted([served, served, worked, migrated, ["sh", "-c"]])


def test_no_secret_stands_in_a_template(resources: dict[str, dict[str, Any]]) -> None:
    for task in properties(resources, "ECS::TaskDefinition"):
        (container,) = task["ContainerDefinitions"]
        secret = {it["Name"] for it in container["Secrets"]}
        assert secret >= {"DATABASE_PASSWORD", "CACHE_TOKEN", "CARDWRIGHT_STRIPE__API_KEY", "PUSH_ACCOUNT"}
        assert not secret & {it["Name"] for it in container["Environment"]}
    (cache,) = properties(resources, "ElastiCache::ReplicationGroup")
    assert "{{resolve:secretsmanager:" in json.dumps(cache["AuthToken"])
    (database,) = properties(resources, "RDS::DBInstance")
    assert "{{resolve:secretsmanager:" in json.dumps(database["MasterUserPassword"])


def test_everything_that_is_kept_is_encrypted_with_our_key(resources: dict[str, dict[str, Any]]) -> None:
    assert all(it["EnableKeyRotation"] for it in properties(resources, "KMS::Key"))
    (database,) = properties(resources, "RDS::DBInstance")
    assert database["StorageEncrypted"] is True
    assert database["KmsKeyId"]
    (cache,) = properties(resources, "ElastiCache::ReplicationGroup")
    assert (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"]) == (True, True)
    for bucket in properties(resources, "S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        keeps_accesses = "LoggingConfiguration" not in bucket
        chosen = rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
        # S3 writes its own log under its own key alone.
        assert chosen == ("AES256" if keeps_accesses else "aws:kms")
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert all(it["KmsKeyId"] for it in properties(resources, "SecretsManager::Secret"))
    assert all(it["KmsMasterKeyId"] for it in properties(resources, "SNS::Topic"))
    assert all(it["KmsKeyId"] for it in properties(resources, "Logs::LogGroup"))
    (parameters,) = properties(resources, "RDS::DBParameterGroup")
    assert parameters["Parameters"]["rds.force_ssl"] == "1"


def test_what_is_kept_stays_when_the_stack_goes(resources: dict[str, dict[str, Any]]) -> None:
    (database,) = of(resources, "RDS::DBInstance")
    assert database["DeletionPolicy"] == "Snapshot"
    assert database["Properties"]["DeletionProtection"] is True
    assert database["Properties"]["BackupRetentionPeriod"] == 35
    assert database["Properties"]["MultiAZ"] is True
    for kind in ("S3::Bucket", "KMS::Key"):
        assert all(it["DeletionPolicy"] == "Retain" for it in of(resources, kind))


def test_the_trail_is_kept_for_seven_years_and_nobody_can_shorten_that(
    resources: dict[str, dict[str, Any]],
) -> None:
    locked = [it for it in properties(resources, "S3::Bucket") if it.get("ObjectLockEnabled")]
    (retention,) = [it["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] for it in locked]
    assert retention == {"Days": 7 * 365, "Mode": "COMPLIANCE"}
    policies = json.dumps([it["PolicyDocument"] for it in properties(resources, "IAM::Policy")])
    assert "s3:BypassGovernanceRetention" not in policies


def test_authorizations_have_tasks_of_their_own_which_grow_by_latency(
    resources: dict[str, dict[str, Any]],
) -> None:
    rules = {it["Priority"]: it for it in properties(resources, "ElasticLoadBalancingV2::ListenerRule")}
    paths = {
        priority: [
            path for it in rule["Conditions"] for path in it.get("PathPatternConfig", {}).get("Values", ())
        ]
        for priority, rule in rules.items()
    }  # fmt: skip
    assert paths == {1: ["/metrics*", "/readyz"], 2: ["/webhooks/stripe/authorizations"], 3: []}
    target = rules[2]["Actions"][0]["TargetGroupArn"]["Ref"]
    assert target != rules[3]["Actions"][0]["TargetGroupArn"]["Ref"]
    by_latency = [
        it for it in properties(resources, "CloudWatch::Alarm")
        if it.get("ExtendedStatistic") == "p99" and it["MetricName"] == "TargetResponseTime"
    ]  # fmt: skip
    assert {(it["ComparisonOperator"], it["Threshold"]) for it in by_latency} >= {
        ("GreaterThanOrEqualToThreshold", 0.4), ("LessThanOrEqualToThreshold", 0.1),
    }  # fmt: skip
    assert all(target in json.dumps(it["Dimensions"]) for it in by_latency)


def test_every_alarm_that_wakes_somebody_says_what_is_wrong(resources: dict[str, dict[str, Any]]) -> None:
    topics = {name for name, it in resources.items() if it["Type"] == "AWS::SNS::Topic"}
    waking = [
        it for it in properties(resources, "CloudWatch::Alarm")
        if any(action.get("Ref") in topics for action in it["AlarmActions"])
    ]  # fmt: skip
    assert len(waking) == 13
    assert all(len(it["AlarmDescription"]) > 20 for it in waking)
    (told,) = properties(resources, "SNS::Subscription")
    assert told["Endpoint"] == CONTEXT["alarms_to"]


def test_the_wall_bounds_what_one_address_may_ask_and_leaves_webhooks_alone(
    wall: dict[str, dict[str, Any]],
) -> None:
    (acl,) = properties(wall, "WAFv2::WebACL")
    assert acl["Scope"] == "CLOUDFRONT"
    rate = acl["Rules"][0]["Statement"]["RateBasedStatement"]
    assert rate["AggregateKeyType"] == "IP"
    assert (
        rate["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"]["SearchString"]
        == "/webhooks/"
    )
    assert [it["Priority"] for it in acl["Rules"]] == [0, 1, 2, 3]


def test_cloudfront_keeps_nothing_but_hashed_files_and_speaks_new_tls_only(
    resources: dict[str, dict[str, Any]],
) -> None:
    (it,) = properties(resources, "CloudFront::Distribution")
    told = it["DistributionConfig"]
    disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert told["DefaultCacheBehavior"]["CachePolicyId"] == disabled
    assert [behavior["PathPattern"] for behavior in told["CacheBehaviors"]] == ["/assets/*"]
    assert told["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert told["HttpVersion"] == "http2and3"
    assert told["WebACLId"]
    (origin,) = properties(resources, "CloudFront::VpcOrigin")
    assert origin["VpcOriginEndpointConfig"]["OriginProtocolPolicy"] == "https-only"


def test_mail_is_signed_for_the_domain_and_bounces_are_told(resources: dict[str, dict[str, Any]]) -> None:
    (identity,) = properties(resources, "SES::EmailIdentity")
    assert identity["EmailIdentity"] == "example.com"
    (events,) = properties(resources, "SES::ConfigurationSetEventDestination")
    assert sorted(events["EventDestination"]["MatchingEventTypes"]) == ["bounce", "complaint"]


@pytest.mark.parametrize("size", SIZES.values(), ids=lambda it: it.name)
def test_the_database_has_a_connection_for_every_task_there_may_be(size: Size) -> None:
    assert size.most_connections < size.database_connections * 0.9
    # One server is one process: a second processor of its task would stand idle.
    assert max(size.api.cpu, size.decisions.cpu) <= 1024
    assert min(size.api.least, size.decisions.least, size.workers.least) >= 2


def test_a_first_deployment_starts_nothing_before_there_are_settings_and_a_schema() -> None:
    asleep = SIZES["small"].asleep()
    assert (asleep.api.least, asleep.decisions.least, asleep.workers.least) == (0, 0, 0)
    assert asleep.api.most == SIZES["small"].api.most


def test_the_guide_has_the_costs_that_the_sizes_give() -> None:
    assert tables() in (ROOT / "docs/guides/aws.md").read_text(), "run `make aws-costs`"


def test_costs_follow_the_sizes() -> None:
    small, large = (sum(it for _, _, it in items(SIZES[name], USES[name])) for name in ("small", "large"))
    assert 300 < small < 1_000
    assert large > 10 * small


def test_what_aws_hands_over_in_pieces_is_put_together() -> None:
    told = {
        "PATH": os.environ["PATH"], "DATABASE_USER": "cardwright", "DATABASE_PASSWORD": "p4ss-word",
        "DATABASE_NAME": "cards", "DATABASE_HOST": "db.example",
        "CACHE_TOKEN": "t0ken", "CACHE_HOST": "cache.example",
    }  # fmt: skip
    said = 'echo "$DATABASE_URL $REDIS_URL ${DATABASE_PASSWORD-gone} ${CACHE_TOKEN-gone}"; exit 5'
    command = ["/bin/sh", str(DEPLOY / "aws/start.sh"), "sh", "-c", said]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [
        "postgresql://cardwright:p4ss-word@db.example:5432/cards", "rediss://:t0ken@cache.example:6379/0",
        "gone", "gone",
    ]  # fmt: skip
    assert done.returncode == 5
