"""The stacks: one of what CloudFront wants in us-east-1, one of everything else where it shall be."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53

from cardwright_aws.data import Data
from cardwright_aws.edge import Edge, Wall
from cardwright_aws.services import Image, Services
from cardwright_aws.sizes import Size
from cardwright_aws.watching import Mail, Watch


@dataclass(frozen=True, slots=True)
class Site:
    """For whom, where, and from which image; `alarms_to` is an address of e-mail."""

    name: str
    zone_id: str
    zone_name: str
    image: str
    alarms_to: str
    account: str
    region: str
    is_first: bool = False
    """Whether there are no settings and no schema yet: then nothing is started."""


def build(app: cdk.App, site: Site, size: Size) -> tuple[cdk.Stack, cdk.Stack]:
    """Return both stacks: the wall, and the product itself."""
    if site.is_first:
        size = size.asleep()
    wall_stack = cdk.Stack(
        app, "CardwrightWall", cross_region_references=True,
        env=cdk.Environment(account=site.account, region="us-east-1"),
    )  # fmt: skip
    stack = cdk.Stack(
        app, "Cardwright", cross_region_references=True, termination_protection=True,
        env=cdk.Environment(account=site.account, region=site.region),
    )  # fmt: skip
    cdk.Tags.of(app).add("application", "cardwright")
    wall = Wall(wall_stack, "Wall", site.name, _zone(wall_stack, site))
    zone = _zone(stack, site)
    certificate = acm.Certificate(
        stack, "BalancerCertificate", domain_name=site.name,
        validation=acm.CertificateValidation.from_dns(zone),
    )  # fmt: skip
    data = Data(stack, "Data", size)
    services = Services(stack, "Services", size, data, Image(site.image, site.name, site.region), certificate)
    Edge(stack, "Edge", site.name, zone, wall, services)
    Mail(stack, "Mail", zone, data.keys.storage)
    Watch(stack, "Watch", size, data, services, site.alarms_to)
    for name, value in (
        ("Settings", data.settings.secret_arn),
        ("Cluster", services.cluster.cluster_name),
        ("Migration", services.migration.task_definition_arn),
        ("AuditBucket", data.audit.bucket_name),
    ):
        cdk.CfnOutput(stack, f"{name}Output", value=value)
    return wall_stack, stack


def _zone(stack: cdk.Stack, site: Site) -> route53.IPublicHostedZone:
    return route53.PublicHostedZone.from_public_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id=site.zone_id, zone_name=site.zone_name
    )
