"""Where STS is asked, and where next. Regional endpoints always: credentials of theirs work in every region.

A partner is on by default in every account, and as near as can be (IAM User Guide, "Managing AWS STS in an AWS
Region"; AWS General Reference, "AWS STS endpoints").
"""

from __future__ import annotations

from types import MappingProxyType

from app.core.roles import HOME_REGIONS, Partition, region_partition

# By the region's first part: the usual one, and the one for that one itself.
_PARTNERS = MappingProxyType(
    {
        "eu": ("eu-west-1", "eu-central-1"),
        "us": ("us-east-1", "us-west-2"),
        "ap": ("ap-southeast-1", "ap-northeast-1"),
        "ca": ("us-east-1", "us-west-2"),
        "cn": ("cn-north-1", "cn-northwest-1"),
        "us-gov": ("us-gov-west-1", "us-gov-east-1"),
    }
)
_ELSEWHERE = ("us-east-1", "us-west-2")


def asked_regions(region: str, fallback: str = "") -> tuple[str, ...]:
    """The region, then its fallback, or a usual partner in the same partition."""
    part = "us-gov" if region.startswith("us-gov-") else region.partition("-")[0]
    usual, other = _PARTNERS.get(part, _ELSEWHERE)
    second = fallback or (usual if usual != region else other)
    return (region,) if second == region else (region, second)


def home_regions(partition: Partition, wish: str) -> tuple[str, ...]:
    """For calls that belong to no role of the catalog. `wish` is the process's own region; it may be elsewhere."""
    return asked_regions(wish if wish and region_partition(wish) is partition else HOME_REGIONS[partition])
