"""Where a console link may lead."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.destinations import console_destination, console_home
from app.core.roles import Partition

GOOD = [
    "https://console.aws.amazon.com",
    "https://console.aws.amazon.com/",
    "https://console.aws.amazon.com/console/home?region=eu-west-1",
    "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:instanceState=running;v=3",
    "https://s3.console.aws.amazon.com/s3/buckets/productionapp?prefix=a%2Fb&tab=objects",
    "https://111122223333-abcd1234.eu-west-1.console.aws.amazon.com/lambda/home#/functions/x?tab=code",
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fx",
    "https://us-east-1.console.aws.amazon.com/iam/home#/users/details/alice@example.com",
    "https://us-east-1.console.aws.amazon.com/console/[x]?a=(1,2)'!*",
]
HOSTILE = [
    "",
    "/console/home",
    "//console.aws.amazon.com/",
    "http://console.aws.amazon.com/",
    "HTTPS://console.aws.amazon.com/",
    "https:console.aws.amazon.com",
    "https:/console.aws.amazon.com/",
    "https:///console.aws.amazon.com/",
    "javascript:alert(1)//console.aws.amazon.com/",
    "data:text/html,https://console.aws.amazon.com/",
    "https://evil.example/",
    "https://evil.example/https://console.aws.amazon.com/",
    "https://evil.example?https://console.aws.amazon.com/",
    "https://console.aws.amazon.com.evil.example/",
    "https://console.aws.amazon.com-evil.example/",
    "https://evilconsole.aws.amazon.com/",
    "https://-.console.aws.amazon.com/",
    "https://.console.aws.amazon.com/",
    "https://a..console.aws.amazon.com/",
    "https://console.aws.amazon.com./",
    "https://console.aws.amazon.com:443/",
    "https://console.aws.amazon.com:8443/",
    "https://console.aws.amazon.com:@evil.example/",
    "https://console.aws.amazon.com@evil.example/",
    "https://evil.example@console.aws.amazon.com/",
    "https://user:pass@console.aws.amazon.com/",
    "https://evil.example\\@console.aws.amazon.com/",
    "https://console.aws.amazon.com\\.evil.example/",
    "https://evil.example\\.console.aws.amazon.com/",
    "https://console.aws.amazon.com/\\evil.example",
    "https://evil.example%2f.console.aws.amazon.com/",
    "https://console.aws.amazon.com%2f@evil.example/",
    "https://console.aws.amazon.com%00.evil.example/",
    "https://evil.example#.console.aws.amazon.com/",
    "https://evil.example?.console.aws.amazon.com/",
    "https://evil.example;.console.aws.amazon.com/",
    "https://conso\tle.aws.amazon.com/",
    "https://console.aws.amazon.com/\t",
    "https://console.aws.amazon.com/\n",
    "https://console.aws.amazon.com/\r\nSet-Cookie: a=b",
    " https://console.aws.amazon.com/",
    "https://console.aws.amazon.com/ x",
    "https://console.aws.amazon.com/\x00",
    "https://console.aws.amazon.com/\x7f",
    'https://console.aws.amazon.com/"onload="x',
    "https://console.aws.amazon.com/<script>",
    "https://c\u043ensole.aws.amazon.com/",  # a Cyrillic letter
    "https://console.aws.amazon.com\u3002evil.example/",  # an ideographic full stop
    "https://console.aws.amazon\u3002com/",
    "https://console\uff0eaws.amazon.com/",
    "https://[::1].console.aws.amazon.com/",
    "https://console.aws.amazon.com/\u00e9",
    "https://signin.aws.amazon.com/federation?Action=login",
    "https://aws.amazon.com/",
    "https://console.amazonaws.cn/",
    "https://console.amazonaws-us-gov.com/",
    "https://console.aws.amazon.com/" + "x" * 2000,
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_that_people_copy_from_the_console_is_taken_as_it_is(address: str) -> None:
    assert console_destination(address, Partition.AWS) == address


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_leads_elsewhere_or_reads_in_two_ways_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected an"):
        console_destination(address, Partition.AWS)


@pytest.mark.parametrize("partition", Partition)
def test_each_partition_takes_its_own_console_and_no_other(partition: Partition) -> None:
    homes = {other: console_home(other, "eu-west-1") for other in Partition}
    assert console_destination(homes.pop(partition), partition)
    for foreign in homes.values():
        with pytest.raises(ValueError, match="expected an address at"):
            console_destination(foreign, partition)


@given(
    st.sampled_from([*GOOD, *HOSTILE]),
    st.integers(0, 60),
    st.text(alphabet=st.one_of(st.sampled_from("/\\@:.%#?&;[]\t\n\r \0-evil"), st.characters()), max_size=4),
)
def test_whatever_is_taken_every_reader_finds_the_console_as_its_host(address: str, at: int, pushed: str) -> None:
    text = address[:at] + pushed + address[at:]
    try:
        taken = console_destination(text, Partition.AWS)
    except ValueError:
        return
    parts = urlsplit(taken)
    host = parts.netloc  # port and userinfo included: there must be none
    assert parts.scheme == "https"
    assert host == "console.aws.amazon.com" or host.endswith(".console.aws.amazon.com")
    assert taken.isascii()
    assert taken.isprintable()
    assert "\\" not in taken
