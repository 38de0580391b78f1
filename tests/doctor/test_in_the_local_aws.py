"""Each planted fault is found, AWS then does what the doctor said, and the patch lets people in."""

from __future__ import annotations

import json

import pytest

from app.core.roles import Role
from app.doctor.diagnosis import diagnose
from app.doctor.mending import mend
from app.doctor.truth import Truth
from tests.doctor.hospital import ROLES, Hospital, now
from tests.doctor.planted import FAULTS, Fault

BY_NAME = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_a_sound_role_is_sound_by_every_method(hospital: Hospital, role: Role) -> None:
    document = json.dumps(hospital.sound(role))
    found = diagnose(hospital.patient(role), document, now(), role.max_seconds)
    assert found.findings == ()
    assert found.is_sound
    assert found.others == ()
    assert mend(hospital.patient(role), document, now()) is None
    assert hospital.is_let_in(role)


@BY_NAME
def test_the_doctor_finds_what_was_planted_and_its_patch_lets_people_in(hospital: Hospital, fault: Fault) -> None:
    role = ROLES[fault.role]
    document = hospital.sound(role)
    fault.change(document)
    hospital.give(role, document)
    patient, text = hospital.patient(role), json.dumps(document)

    found = diagnose(patient, text, now())
    assert fault.code in [finding.code for finding in found.findings], found.findings
    let_in = hospital.is_let_in(role)
    assert found.allowed in (Truth.YES if let_in else Truth.NO, Truth.UNCLEAR), "the doctor and AWS disagree"
    assert (found.allowed is Truth.UNCLEAR) is (fault.code == "cannot-tell"), found.findings
    if fault.code != "cannot-tell":
        assert let_in is fault.lets_in

    mended = mend(patient, text, now())
    if mended is None:
        assert fault.code in ("cannot-tell", "shared-issuer"), "only its owner can say what was meant"
        return
    after = diagnose(patient, json.dumps(mended.document), now())
    left = [finding for finding in after.findings if finding.in_the_document]
    assert left == [], mended.changes
    assert mended.changes
    hospital.give(role, mended.document)
    assert hospital.is_let_in(role), mended.document
