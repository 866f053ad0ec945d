"""Mail on its way out, and whom to wake when something is wrong."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cardwright_aws.data import Data
from cardwright_aws.services import Services
from cardwright_aws.sizes import Size

_GIB = 2**30
_NOTHING = cloudwatch.TreatMissingData.NOT_BREACHING
_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class Mail(Construct):
    """The domain at SES, signed with DKIM; what bounces is told to a topic."""

    def __init__(self, scope: Construct, name: str, zone: route53.IPublicHostedZone, key: kms.Key) -> None:
        super().__init__(scope, name)
        bounced = sns.Topic(self, "Bounced", master_key=key, enforce_ssl=True)
        key.grant_encrypt_decrypt(iam.ServicePrincipal("ses.amazonaws.com"))
        chosen = ses.ConfigurationSet(
            self, "Configuration", tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE, reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        )  # fmt: skip
        chosen.add_event_destination(
            "Bounces", destination=ses.EventDestination.sns_topic(bounced),
            events=[ses.EmailSendingEvent.BOUNCE, ses.EmailSendingEvent.COMPLAINT],
        )  # fmt: skip
        ses.EmailIdentity(
            self, "Domain", identity=ses.Identity.public_hosted_zone(zone), configuration_set=chosen,
            mail_from_domain=f"bounce.{zone.zone_name}",
        )  # fmt: skip


class Watch(Construct):
    """Alarms, each with a sentence that says what is wrong."""

    def __init__(
        self, scope: Construct, name: str, size: Size, data: Data, services: Services, wake: str
    ) -> None:
        super().__init__(scope, name)
        self.topic = sns.Topic(self, "Topic", master_key=data.keys.storage, enforce_ssl=True)
        self.topic.add_subscription(subscriptions.EmailSubscription(wake))
        data.keys.storage.grant_encrypt_decrypt(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        database, minute, hour = data.database, Duration.minutes(1), Duration.hours(1)
        alarm = self._alarm
        tenth, nearly_all = size.database_gib * _GIB / 10, size.database_connections * 0.9
        alarm("DecisionsSlow", "Decisions take more than half of the network's two seconds",
              services.decision_seconds(), 1.0, _ABOVE, 3)  # fmt: skip
        for target, word in ((services.decisions_target, "Decisions"), (services.api_target, "Api")):
            failed = target.metrics.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=minute)
            alarm(f"{word}Fail", f"{word}: answers with 5xx", failed, 5, _ABOVE, 3)
            healthy = target.metrics.healthy_host_count(statistic="Minimum", period=minute)
            alarm(f"{word}Down", f"{word}: fewer than two tasks answer", healthy, 2, _BELOW, 3,
                  cloudwatch.TreatMissingData.BREACHING)  # fmt: skip
        alarm("WorkersBusy", "Workers have no time left: the outbox ages",
              services.workers.metric_cpu_utilization(period=minute), 90, _ABOVE, 15)  # fmt: skip
        alarm("DatabaseBusy", "PostgreSQL has no processor time left",
              database.metric_cpu_utilization(period=minute), 85, _ABOVE, 10)  # fmt: skip
        alarm("DatabaseFull", "Less than a tenth of the database's disk is free",
              database.metric_free_storage_space(period=minute), tenth, _BELOW, 5)  # fmt: skip
        alarm("DatabaseConnections", "PostgreSQL's connections run out: processes will not start",
              database.metric_database_connections(period=minute), nearly_all, _ABOVE, 5)  # fmt: skip
        alarm("DiskSlow", "A write to the database's disk takes more than 20 ms; each payment waits for one",
              database.metric("WriteLatency", period=minute), 0.02, _ABOVE, 5)  # fmt: skip
        alarm("CacheFull", "Valkey is full: limits of rates are forgotten early", cloudwatch.Metric(
            namespace="AWS/ElastiCache", metric_name="DatabaseMemoryUsagePercentage", period=minute,
            dimensions_map={"ReplicationGroupId": data.cache.ref}), 80, _ABOVE, 10)  # fmt: skip
        for word, most in (("BounceRate", 0.04), ("ComplaintRate", 0.0008)):
            rate = cloudwatch.Metric(namespace="AWS/SES", metric_name=f"Reputation.{word}", period=hour)
            alarm(f"Mail{word}", f"SES will stop us: {word} is near its bound", rate, most, _ABOVE, 1)

    def _alarm(
        self, name: str, sentence: str, metric: cloudwatch.IMetric, threshold: float,
        comparison: cloudwatch.ComparisonOperator, minutes: int,
        missing: cloudwatch.TreatMissingData = _NOTHING,
    ) -> None:  # fmt: skip
        alarm = cloudwatch.Alarm(
            self, name, alarm_description=sentence, metric=metric, threshold=threshold,
            comparison_operator=comparison, evaluation_periods=minutes, treat_missing_data=missing,
        )  # fmt: skip
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
