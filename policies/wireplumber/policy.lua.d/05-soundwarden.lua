-- SPDX-License-Identifier: MIT
-- Soundwarden's part in WirePlumber 0.4. See soundwardend(8).
--
-- Components are loaded in this order: this one has to stand before policy-node.lua (90-enable-all.lua), or what that one
-- links in the same moment is heard for a cycle.
-- Should the script not load, WirePlumber 0.4.13 ends, "optional" or not: docs/decisions/003.
components ["soundwarden/enforce-0.4.lua"] = {
  "soundwarden/enforce-0.4.lua", type = "script/lua",
  -- What an output that lost its guard does: silent for so long, then at most so loud.
  args = {
    ["orphan-silence-ms"] = 5000,
    ["orphan-level-db"] = -30.0,
  },
}
