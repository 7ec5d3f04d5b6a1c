import json
import os
import time
import requests

API_BASE = os.environ["API_BASE"]
HEADERS = {"Authorization": f"Bearer {os.environ['API_TOKEN']}", "Content-Type": "application/json"}

def call(method, path, **options):
    response = requests.request(method, f"{API_BASE}{path}", headers=HEADERS, **options)
    response.raise_for_status()
    return response.json()["data"] if response.content else None

project = "/projects/greenhouse-alpha/devices"
device_id = call("GET", "/devices/")[0]["id"]
factors = f"/devices/{device_id}/factors/"
factor = call("POST", factors, json={
    "unit": 1, "address": 8, "the_type": "temp", "data_endian": "big", "data_type": "int16",
    "data_index": 0, "modbus_type": "holding", "data_factor": 0.1,
})
# As the documents' Python example does: a content type, and no body.
copy = call("POST", f"{factors}{factor['pk']}/copy/")
file = requests.post(f"{API_BASE}{project}/{device_id}/export-factors/", headers=HEADERS)
imported = requests.post(
    f"{API_BASE}{project}/{device_id}/import-factors/",
    headers={"Authorization": HEADERS["Authorization"]},
    files={"file": ("factors.json", file.content)},
    data={"clear_existing": "false"},
).json()["data"]
now = int(time.time())
sent = call("POST", f"{project}/{device_id}/data/", json=[{"agri_id": factor["agri_id"], "value": 243, "t": now}])
history = {"total": 0, "data": []}
for _ in range(300):
    history = requests.get(
        f"{API_BASE}/factors/{factor['agri_id']}/data/",
        headers={**HEADERS, "Cache-Control": "no-cache"},
        params={"page": 1, "page_size": 50, "min_timestamp": now - 60},
    ).json()["data"]
    if history["total"] > 0:
        break
    time.sleep(0.1)
call("DELETE", f"{factors}{copy['pk']}/")
print(json.dumps({"copy": copy["data_index"], "unchanged": imported["unchanged"], "received": sent["received"], "history": history["data"]}))
