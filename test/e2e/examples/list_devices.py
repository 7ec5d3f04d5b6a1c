import os
import requests

API_BASE = os.environ["API_BASE"]
TOKEN = os.environ["API_TOKEN"]

def list_project_devices(project_id, search=None):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    params = {"search": search} if search else None
    url = f"{API_BASE}/projects/{project_id}/devices/"
    response = requests.get(url, headers=headers, params=params)
    response.raise_for_status()
    return response.json()

devices = list_project_devices("greenhouse-alpha", search="gateway")
print(devices)
