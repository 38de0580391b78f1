"""The three forms in which the documents are handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.awsside.cloudformation import as_cloudformation
from app.awsside.documents import AccountSide
from app.awsside.plain import as_json
from app.awsside.terraform import as_terraform


@dataclass(frozen=True, slots=True)
class Format:
    """`file_ending` matters to the tools that read it. `write` may raise NotDescribed."""

    name: str
    file_ending: str
    write: Callable[[AccountSide], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "json": Format("JSON", ".json", as_json),
        "cloudformation": Format("CloudFormation", ".template.json", as_cloudformation),
        "terraform": Format("Terraform", ".tf.json", as_terraform),
    }
)
