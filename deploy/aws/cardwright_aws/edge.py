"""Where the world meets it: CloudFront, the firewall before it, the certificate, the name."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as aliases
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from cardwright_aws.services import Services

REQUESTS_PER_FIVE_MINUTES = 3000
"""From one address. Vendors' webhooks, which come from few, are not counted."""
_MANAGED = (
    ("AWSManagedRulesAmazonIpReputationList", ()),
    ("AWSManagedRulesKnownBadInputsRuleSet", ()),
    # Documents of identity are larger than it thinks a body may be; the API has its own bounds.
    ("AWSManagedRulesCommonRuleSet", ("SizeRestrictions_BODY",)),
)


class Wall(Construct):
    """The firewall and the certificate of CloudFront, which are always in us-east-1."""

    def __init__(self, scope: Construct, name: str, site: str, zone: route53.IHostedZone) -> None:
        super().__init__(scope, name)
        self.certificate = acm.Certificate(
            self, "Certificate", domain_name=site, validation=acm.CertificateValidation.from_dns(zone)
        )
        rules = [_managed(place, rule, counted) for place, (rule, counted) in enumerate(_MANAGED, 1)]
        self.acl = wafv2.CfnWebACL(
            self, "Firewall", scope="CLOUDFRONT", default_action={"allow": {}}, rules=[_rate(), *rules],
            visibility_config=_seen_as(f"{Stack.of(self).stack_name}-all"),
        )  # fmt: skip


def _seen_as(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _rate() -> wafv2.CfnWebACL.RuleProperty:
    webhooks = wafv2.CfnWebACL.ByteMatchStatementProperty(
        field_to_match={"uriPath": {}}, positional_constraint="STARTS_WITH", search_string="/webhooks/",
        text_transformations=[{"priority": 0, "type": "NONE"}],
    )  # fmt: skip
    return wafv2.CfnWebACL.RuleProperty(
        name="rate", priority=0, action={"block": {"customResponse": {"responseCode": 429}}},
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=REQUESTS_PER_FIVE_MINUTES,
                scope_down_statement={"notStatement": {"statement": {"byteMatchStatement": webhooks}}},
            )
        ),
        visibility_config=_seen_as("rate"),
    )  # fmt: skip


def _managed(place: int, rule: str, counted: Sequence[str]) -> wafv2.CfnWebACL.RuleProperty:
    overrides = [
        wafv2.CfnWebACL.RuleActionOverrideProperty(name=it, action_to_use={"count": {}}) for it in counted
    ]
    return wafv2.CfnWebACL.RuleProperty(
        name=rule, priority=place, override_action={"none": {}},
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=rule, rule_action_overrides=overrides
            )
        ),
        visibility_config=_seen_as(rule),
    )  # fmt: skip


class Edge(Construct):
    """CloudFront before the balancer, which has no public address: CloudFront reaches into the network."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        site: str,
        zone: route53.IHostedZone,
        wall: Wall,
        services: Services,
    ) -> None:
        super().__init__(scope, name)
        network = services.cluster.vpc
        services.balancer.connections.allow_from(
            ec2.Peer.ipv4(network.vpc_cidr_block), ec2.Port.tcp(443), "CloudFront, from inside the network"
        )
        origin = origins.VpcOrigin.with_application_load_balancer(
            services.balancer, protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            read_timeout=Duration.seconds(60), keepalive_timeout=Duration.seconds(60),
        )  # fmt: skip
        binding = cloudfront.ResponseHeadersPolicy(
            self, "Headers",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(730), include_subdomains=True, override=True
                )
            ),
            remove_headers=["Server"],
        )  # fmt: skip

        def behavior(caching: cloudfront.ICachePolicy) -> cloudfront.BehaviorOptions:
            return cloudfront.BehaviorOptions(
                origin=origin, cache_policy=caching, response_headers_policy=binding,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            )  # fmt: skip

        kept = cloudfront.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS
        self.distribution = cloudfront.Distribution(
            self, "Distribution", domain_names=[site], certificate=wall.certificate,
            web_acl_id=wall.acl.attr_arn, comment=f"Cardwright at {site}",
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3, enable_ipv6=True,
            default_behavior=behavior(cloudfront.CachePolicy.CACHING_DISABLED),
            # Files whose names carry a hash; the API says so itself, for a year.
            additional_behaviors={"/assets/*": behavior(kept)},
        )  # fmt: skip
        target = route53.RecordTarget.from_alias(aliases.CloudFrontTarget(self.distribution))
        route53.ARecord(self, "Name4", zone=zone, record_name=f"{site}.", target=target)
        route53.AaaaRecord(self, "Name6", zone=zone, record_name=f"{site}.", target=target)
