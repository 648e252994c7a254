"""The PyPI package python-amazon-sp-api, used as its documentation says: a client in a loop, `throttle_retry` around it.

Prints one line for each call: which products, and the ASINs found, or the error.
"""

import json
import sys
import time

from sp_api.api import CatalogItems
from sp_api.base import Marketplaces
from sp_api.util import throttle_retry

with open(sys.argv[1]) as file:
    settings = json.load(file)

client = CatalogItems(
    marketplace=Marketplaces.US,
    version="2022-04-01",
    refresh_token=settings["refreshToken"],
    credentials={"lwa_app_id": "bench", "lwa_client_secret": "secret"},
    proxies=settings["proxy"],
    verify=settings["certificate"],
)


@throttle_retry()
def search(identifiers):
    return client.search_catalog_items(
        identifiers=",".join(identifiers),
        identifiersType="UPC",
        marketplaceIds=["ATVPDKIKX0DER"],
        includedData="identifiers,summaries",
        pageSize=20,
    )


def own(item, upc):
    return any(
        each["identifier"].zfill(14) == upc.zfill(14)
        for marketplace in item["identifiers"]
        for each in marketplace["identifiers"]
    )


upcs, size = settings["upcs"], settings["size"]
until = time.time() + settings["seconds"]
start = 0
while start < len(upcs) and time.time() < until:
    batch = upcs[start : start + size]
    try:
        items = search(batch).payload["items"]
        asins = [next((item["asin"] for item in items if own(item, upc)), None) for upc in batch]
        line = {"from": start, "asins": asins}
    except Exception as error:  # whatever the library throws is what its user gets
        line = {"from": start, "count": len(batch), "error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"at": int(time.time() * 1000), **line}), flush=True)
    start += size
