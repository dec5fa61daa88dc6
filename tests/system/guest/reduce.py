# SPDX-License-Identifier: MIT
"""pw-dump in, out come the sound cards and sinks with what Soundwarden reads of them, in a stable order."""

import json
import sys

PROPERTIES = ("alsa.card_name", "alsa.components", "alsa.driver_name", "api.alsa.card.name", "api.alsa.path", "api.alsa.use-acp",
              "audio.channels", "audio.position", "card.profile.device", "device.api", "device.bus", "device.bus-path",
              "device.class", "device.description", "device.form-factor", "device.id", "device.name", "device.product.id",
              "device.product.name", "device.profile.name", "device.profile.pro", "device.serial", "device.vendor.id",
              "factory.name", "media.class", "node.description", "node.name", "object.serial", "priority.session")
PARAMS = ("EnumProfile", "Profile", "EnumRoute", "Route")


def reduced(item):
    info = item.get("info") or {}
    props = info.get("props") or {}
    params = info.get("params") or {}
    return {"id": item["id"], "type": item["type"].rsplit(":", 1)[-1],
            "props": {key: props[key] for key in PROPERTIES if key in props},
            "params": {key: params[key] for key in PARAMS if params.get(key)}}


def wanted(item):
    media_class = ((item.get("info") or {}).get("props") or {}).get("media.class")
    return media_class in ("Audio/Device", "Audio/Sink")


json.dump([reduced(item) for item in json.load(sys.stdin) if wanted(item)], sys.stdout, indent=1)
print()
