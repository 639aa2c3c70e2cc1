"""Every answer about count tasks has exactly the fields that are told of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from omnichannel.accounts import tokens
from omnichannel.accounts.scopes import SCOPES
from tests.counts.conftest import Floor
from tests.people import ALL, person

from .test_fields import fields_of

STORES, TASK = "/v0/i/inventory/stores", "/v0/i/inventory/count_tasks/{count_id}"


@pytest.fixture
def client(db) -> Client:
    Floor()
    erp = person("erp", is_superuser=True, stock_scope=ALL, document_scope=ALL)
    return Client(headers={"Authorization": f"Bearer {tokens.issue(erp, SCOPES).access_token}"})


def test_the_answers_about_count_tasks(client):
    sent = {
        "external_id": "ERP-1",
        "due_date": str(timezone.localdate()),
        "count_type": "cycle_count",
        "product_ids": ["P0"],
    }
    answer = client.post(f"{STORES}/DE-01/count_tasks", sent, content_type="application/json")
    made = fields_of("POST /v0/i/inventory/stores/{store_id}/count_tasks", answer, 201)
    told = fields_of(f"GET {TASK}", client.get(TASK.format(count_id=made["id"])))
    assert (told["status"], told["external_id"]) == ("pending", "ERP-1")


def test_the_answer_to_a_counted_file(client):
    file = SimpleUploadedFile("counted.csv", b"product_id,quantity\nP1,3\n", "text/csv")
    path = f"{STORES}/DE-01/stock_locations/main/stock_import"
    answer = client.post(path, {"count_type": "cycle_count", "file": file})
    operation = path.replace("DE-01", "{fulfillment_node_id}").replace("main", "{stock_location}")
    made = fields_of(f"POST {operation}", answer, 201)
    fields_of(f"GET {TASK}", client.get(TASK.format(count_id=made["id"])))
