-- Soundwarden's part in WirePlumber 0.4: a guarded sink hears its guard and nothing else.
--
-- SPDX-License-Identifier: MIT
--
-- Phases and contract are those of enforce.lua, which is for WirePlumber 0.5; the means are others, because 0.4 has no hooks.
-- policy-node.lua links only session items that are registered, so the raw sink's item is taken out of its sight before any
-- link exists, and this script links the guard's out half to it. That one has node.autoconnect = false: policy-node, not
-- seeing the sink, would link it to another one. Links that others make are removed when they appear.
-- Threads: WirePlumber's one main loop.

local config = ... or {}

local CONTRACT = "1"
local SILENCE_MS = tonumber (config ["orphan-silence-ms"]) or 5000
local ORPHAN_DB = tonumber (config ["orphan-level-db"]) or -30.0
local HELD_MS = 1000          -- a daemon that does not answer must not make a new card dead
local SPOKEN_MS = 600         -- who hears what is on the screen is not left without it for a second
local LONELY_SESSIONS = 3     -- so many in a row without a daemon, and the marks are dropped
local RELEASED_VOLUME = 0.064 -- 0.4³: where session managers start a card they have never seen
local RELEASED_AT_MOST = 0.13 -- what a card that knows few steps may make of it
local RELEASE_HELD = 4        -- looks, 100 ms apart, in which it is so
local RELEASE_TRIES = 40
local RETRY_MS = 100
local TEND_MS = 500           -- a guard's link is there long before
local STREAM_LOOKS = 6        -- at a new guard's streams, each after twice the time of the one before

local state = State ("soundwarden")
local saved = state:load ()   -- mark:SINK (last ceiling), known:SOCKET, cookie, sessions, daemon, orphan-…
local encoded_barred = {}     -- node.name -> true: no encoded streams, guard or not
local sinks = {}              -- node.name -> { phase, timer, link }
local nodes = {}              -- bound id -> what is needed of a node
local items = {}              -- bound id of the node -> its session item
local nodes_ready = false
local metadata = nil
local daemon = nil            -- object.serial of the daemon's client
local check_links, limit_node, update_item, link_guard

local function notice (text)
  Log.message ("soundwarden: " .. text)
end

local function remember (key, value)
  if saved [key] == value then
    return
  end
  saved [key] = value
  local ok, err = state:save (saved)
  if not ok then
    Log.warning ("soundwarden: cannot save state: " .. tostring (err))
  end
end

local function publish (name)
  if metadata then
    local phase = sinks [name] and sinks [name].phase
    metadata:set (0, "sink." .. name, phase and "Spa:String" or nil, phase)
  end
end

-- Who is who ----------------------------------------------------------------------------------------------------------

local function is_raw (n)
  return n.name ~= nil and n.guards == nil and n.class ~= nil and n.class:find ("^Audio/Sink") ~= nil
end

local function guard_main (name)
  for _, n in pairs (nodes) do
    if n.guards == name then
      return n
    end
  end
end

-- The raw sink whose guard this node is the out half of. A name alone could be anybody's.
local function out_of (n)
  if not n.link_group or not n.client or n.class ~= "Stream/Output/Audio" then
    return nil
  end
  for _, m in pairs (nodes) do
    if m.guards and m.link_group == n.link_group and m.client == n.client then
      return m.guards
    end
  end
end

local function guard_out (name)
  for _, n in pairs (nodes) do
    if out_of (n) == name then
      return n
    end
  end
end

local function raw_node (name)
  for _, n in pairs (nodes) do
    if n.name == name and is_raw (n) then
      return n
    end
  end
end

local function device_of (n)
  return n.device and devices_om:lookup { Constraint { "bound-id", "=", tonumber (n.device), type = "gobject" } }
end

-- The limit inside the sink -------------------------------------------------------------------------------------------
--
-- PipeWire before 0.3.72 knows only "volume" for it; from then on channelmix.max-volume at the root of the level bounds the
-- product of both volumes, whatever anyone sets.

local function within (text, least, most, usual)
  local value = tonumber (text)
  return value and value >= least and value <= most and value or usual
end

-- The daemon's policy says both, and what it said last holds without it.
local function silence_ms ()
  return within (saved ["orphan-silence-ms"], 0, 600000, SILENCE_MS)
end

local function quiet_level (name)
  local ceiling = tonumber (saved ["mark:" .. name])
  local level = within (saved ["orphan-level-db"], -100, -10, ORPHAN_DB)
  return 10 ^ (math.min (ceiling or level, level) / 20)
end

-- What stands now, and what it should be: kind, value, wanted.
local function read_limit (n)
  local level = quiet_level (n.name)
  for p in n.node:iterate_params ("Props") do
    local o = p:parse ()
    local props = o.pod_type == "Object" and o.object_id == "Props" and o.properties
    if props and props.volume then
      local list = type (props.params) == "table" and props.params or {}
      for i = 1, #list - 1 do
        if list [i] == "channelmix.max-volume" then
          return "max", tonumber (list [i + 1]), math.floor (math.sqrt (level) * 1e6) / 1e6
        end
      end
      return "volume", props.volume, level
    end
  end
end

local function write_limit (n, kind, value)
  local props = { "Spa:Pod:Object:Param:Props", "Props" }
  if kind == "max" then
    props.params = Pod.Struct { "channelmix.max-volume", Pod.Float (value) }
  else
    props.volume = value
  end
  n.node:set_param ("Props", Pod.Object (props))
end

-- Called until it is read back; a write is asynchronous, and nothing may be linked before it holds.
function limit_node (n)
  local kind, now, wanted = read_limit (n)
  if now and now <= wanted * 1.000001 then
    if not n.limited then
      n.limited = true
      notice (n.name .. ": limited, may be linked")
      update_item (n.name)
    end
    return
  end
  n.limited = false
  update_item (n.name)
  if kind then
    write_limit (n, kind, wanted)
  else -- no Props yet
    Core.timeout_add (200, function ()
      local s = sinks [n.name]
      if nodes [n.id] == n and s and s.phase == "quiet" then
        limit_node (n)
      end
      return false
    end)
  end
end

-- Also what the daemon left there when it ended.
local function lift_limit (name)
  local n = raw_node (name)
  if not n then
    return
  end
  n.limited = false
  local kind, now = read_limit (n)
  if kind and now < 1.0 then
    write_limit (n, kind, 1.0)
  end
end

-- The raw sink's session item -----------------------------------------------------------------------------------------

local function may_link (name)
  local s = sinks [name]
  if not s then
    return true
  end
  local n = raw_node (name)
  return s.phase == "quiet" and n ~= nil and n.limited == true
end

local function drop_link (name)
  local s = sinks [name]
  if s and s.link then
    s.link:remove ()
    s.link = nil
  end
end

function update_item (name)
  local n = raw_node (name)
  local item = n and items [n.id]
  if not item then
    return
  end
  if not may_link (name) then
    if not n.hidden then
      n.hidden = true
      item:remove ()
    end
  elseif n.hidden then
    n.hidden = false
    drop_link (name)
    if item ["active-features"] ~= 0 then
      item:register ()
    end
  end
  link_guard (name)
end

local function is_linked (name)
  local raw, out = raw_node (name), guard_out (name)
  for l in links_om:iterate () do
    local p = l.properties
    if raw and out and tonumber (p ["link.input.node"]) == raw.id and tonumber (p ["link.output.node"]) == out.id then
      return true
    end
  end
end

-- A link whose activation neither succeeds nor fails (its client was stopped meanwhile), an item that nobody told of: a guard must
-- not stay without its link.
local function tend_link (name)
  local s = sinks [name]
  if s.tended then
    return
  end
  s.tended = true
  Core.timeout_add (s.tend_ms or TEND_MS, function ()
    s.tended = false
    if sinks [name] ~= s or s.phase ~= "guarded" or not raw_node (name) or not guard_out (name) or is_linked (name) then
      s.tend_ms = nil
      return false
    end
    s.tend_ms = math.min ((s.tend_ms or TEND_MS) * 2, 30000)
    Log.warning ("soundwarden: the guard of " .. name .. " is not linked, once more")
    drop_link (name)
    update_item (name)
    return false
  end)
end

function link_guard (name)
  local s = sinks [name]
  if not s or s.phase ~= "guarded" then
    return
  end
  tend_link (name)
  if s.link then
    return
  end
  local raw, out = raw_node (name), guard_out (name)
  local to, from = raw and raw.hidden and items [raw.id], out and items [out.id]
  if not to or not from or from ["active-features"] == 0 then
    return
  end
  local link = SessionItem ("si-standard-link")
  if not link:configure {
    ["out.item"] = from, ["in.item"] = to, ["passive"] = not out.holds, ["passthrough"] = false, ["exclusive"] = false,
    ["out.item.port.context"] = "output", ["in.item.port.context"] = "input",
  } then
    Log.warning ("soundwarden: the guard of " .. name .. " cannot be linked")
    return
  end
  s.link, s.link_out, s.link_in = link, out.id, raw.id
  link:register ()
  link:activate (Feature.SessionItem.ACTIVE, function (l, e)
    if not e then
      return
    end
    Log.warning ("soundwarden: the guard's link to " .. name .. " failed: " .. tostring (e))
    if s.link == l then
      s.link = nil
    end
    l:remove ()
    Core.timeout_add (RETRY_MS, function ()
      link_guard (name)
      return false
    end)
  end)
end

-- Streams that name the raw sink are sent to the guard.
local function lead (name)
  local md = default_metadata_om:lookup ()
  local main, raw = guard_main (name), raw_node (name)
  if not md or not main or not main.serial or not raw then
    return
  end
  for _, n in pairs (nodes) do
    if n.class == "Stream/Output/Audio" and out_of (n) ~= name then
      local target = md:find (n.id, "target.object") or n.target
      if target == name or (target and target == raw.serial) then
        md:set (n.id, "target.object", "Spa:Id", main.serial)
      end
    end
  end
end

-- Whether a stream ought to play into this guard.
local function is_for (n, main, raw)
  local md = default_metadata_om:lookup ()
  local target = md and md:find (n.id, "target.object") or n.target
  if md and (not target or target == "-1") then
    return (md:find (0, "default.audio.sink") or ""):find ('"' .. main.name .. '"', 1, true) ~= nil
  end
  return target ~= nil and (target == main.name or target == main.serial or target == raw.name or target == raw.serial)
end

local function has_link (n)
  for l in links_om:iterate () do
    if tonumber (l.properties ["link.output.node"]) == n.id then
      return true
    end
  end
end

-- Whether policy-node.lua would link any stream to it now.
local function takes_streams (n)
  local item = items [n.id]
  if not item or item ["active-features"] == 0 then
    return false
  end
  for l in link_items_om:iterate () do
    local p = l.properties
    if p ["in.item.id"] == tostring (item.id) and (p ["exclusive"] == "true" or p ["passthrough"] == "true") then
      return false
    end
  end
  return true
end

-- policy-node.lua can lose a stream where a sink comes, goes and comes within moments: it takes it for linked, or waits for a link that
-- never becomes active, and looks at it no more. Shown to it anew it is linked. That is done once at most for each stream of a new guard,
-- when it had no link in two looks; one that was linked in any of them is its user's. (A paused stream's link cannot be seen from here: it
-- is made anew, once.)
local function tend_streams (name, number, looks, before)
  Core.timeout_add (TEND_MS * 2 ^ looks, function ()
    local main, raw, s = guard_main (name), raw_node (name), sinks [name]
    if not s or s.tending ~= number or s.phase ~= "guarded" then
      return false
    end
    local seen = {}
    for id, n in pairs (nodes) do
      local item = items [id]
      if main and raw and n.serial and n.tended and not out_of (n) and item and item ["active-features"] ~= 0 and takes_streams (main)
          and is_for (n, main, raw) then
        local was = before [n.serial]
        seen [n.serial] = has_link (n) and "linked" or was or "alone"
        if was == "alone" and seen [n.serial] == "alone" then
          seen [n.serial] = "shown"
          notice (tostring (n.name) .. " is not linked to the guard of " .. name .. ", once more")
          item:remove ()
          item:register ()
        end
      end
    end
    if looks + 1 < STREAM_LOOKS then
      tend_streams (name, number, looks + 1, seen)
    end
    return false
  end)
end

local function lead_all ()
  for name, s in pairs (sinks) do
    if s.phase == "guarded" then
      lead (name)
    end
  end
end

-- Phases --------------------------------------------------------------------------------------------------------------

local function go_quiet (name)
  if saved ["mark:" .. name] == "block" then
    return -- what was blocked stays silent
  end
  sinks [name].phase = "quiet"
  notice (name .. ": quiet")
  publish (name)
  local n = raw_node (name)
  if n then
    limit_node (n)
  end
end

-- A screen reader's stream is there, perhaps with nothing to say now. What it waits for is the limit inside the sink, never less than that.
local function is_spoken ()
  for _, n in pairs (nodes) do
    if n.role == "Accessibility" then
      return true
    end
  end
  return false
end

local function start_timer (name, ms)
  local s = sinks [name]
  s.hurried = is_spoken ()
  s.timer = Core.timeout_add (s.hurried and math.min (ms, SPOKEN_MS) or ms, function ()
    s.timer = nil
    go_quiet (name)
    return false
  end)
end

-- One has come: sinks that are silent already wait no longer than for one that was there.
local function hurry ()
  for name, s in pairs (sinks) do
    if s.timer and not s.hurried then
      s.timer:destroy ()
      start_timer (name, SPOKEN_MS)
    end
  end
end

local function set_phase (name, phase)
  local s = sinks [name] or {}
  sinks [name] = s
  if s.timer then
    s.timer:destroy ()
    s.timer = nil
  end
  if s.phase ~= phase then
    notice (name .. ": " .. tostring (s.phase) .. " -> " .. phase)
  end
  s.phase = phase
  publish (name)
  if phase ~= "guarded" then -- a limit from before is the daemon's to lift, when the guard is lower by as much
    drop_link (name)
    start_timer (name, phase == "held" and HELD_MS or silence_ms ())
  end
  update_item (name)
  check_links ()
  if phase == "guarded" then
    lead (name)
    s.tending = (s.tending or 0) + 1
    tend_streams (name, s.tending, 0, {})
  end
end

local function mark (name, ceiling)
  remember ("mark:" .. name, ceiling or saved ["mark:" .. name] or "none")
end

local function forget (name)
  local s = sinks [name]
  if s and s.timer then
    s.timer:destroy ()
  end
  drop_link (name)
  sinks [name] = nil
  remember ("mark:" .. name, nil)
  lift_limit (name)
  update_item (name)
  publish (name)
end

-- Leaving a marked sink to others: its route goes down before anything else may open it.
local function lower_route (name)
  local n = raw_node (name)
  local device = n and device_of (n)
  if not device then
    return
  end
  for p in device:iterate_params ("Route") do -- an iterator and its state: no expression may stand around it
    local o = p:parse ()
    local route = o.pod_type == "Object" and o.object_id == "Route" and o.properties
    local props = route and route.props and route.props.properties
    if props and type (props.channelVolumes) == "table" and route.direction == "Output"
        and route.device == tonumber (n.profile_device) then
      local lowered = { "Spa:Float" }
      for _, volume in ipairs (props.channelVolumes) do
        table.insert (lowered, math.min (volume, RELEASED_VOLUME))
      end
      device:set_param ("Route", Pod.Object {
        "Spa:Pod:Object:Param:Route", "Route",
        index = route.index, device = route.device, save = true,
        props = Pod.Object { "Spa:Pod:Object:Param:Props", "Route", channelVolumes = Pod.Array (lowered) },
      })
    end
  end
end

-- As the card tells it. A sink without routes has no volume of its own to lower.
local function is_lowered (name)
  local n = raw_node (name)
  if not n or not n.device then
    return true
  end
  local device = device_of (n)
  if not device then
    return false
  end
  for p in device:iterate_params ("Route") do
    local o = p:parse ()
    local route = o.pod_type == "Object" and o.object_id == "Route" and o.properties
    local props = route and route.props and route.props.properties
    if props and type (props.channelVolumes) == "table" and route.direction == "Output"
        and route.device == tonumber (n.profile_device) then
      for _, volume in ipairs (props.channelVolumes) do
        if volume > RELEASED_AT_MOST then
          return false
        end
      end
    end
  end
  return true
end

-- A guard that was the default stood for its sink.
local function give_back_default (name)
  local md = default_metadata_om:lookup ()
  local value = md and md:find (0, "default.configured.audio.sink")
  if value and value:match ('"name"%s*:%s*"([^"]*)"') == "soundwarden." .. name then
    md:set (0, "default.configured.audio.sink", "Spa:String:JSON", '{"name":"' .. name .. '"}')
  end
end

-- The limit goes only when the card has taken the low volume, and held it: a volume that is being restored may still be on its way.
local function release_orphan (name)
  local s = sinks [name]
  if not s or s.releasing or guard_main (name) then
    return -- a guarded one is the daemon's to release
  end
  s.releasing = true
  local tries = 0
  local held = 0
  local function try ()
    if sinks [name] ~= s or guard_main (name) then -- gone, or its daemon is back
      s.releasing = nil
      return false
    end
    if is_lowered (name) then
      held = held + 1
    else
      held = 0
      lower_route (name)
    end
    if held >= RELEASE_HELD then
      s.releasing = nil
      notice (name .. ": released")
      forget (name)
      give_back_default (name)
      return false
    end
    tries = tries + 1
    if tries >= RELEASE_TRIES then
      s.releasing = nil
      Log.warning ("soundwarden: " .. name .. ": not released, the card does not take the low volume")
      return false
    end
    return true
  end
  if try () then
    Core.timeout_add (100, try)
  end
end

-- Held sinks ----------------------------------------------------------------------------------------------------------

-- What tells one socket from every other, also after a reboot.
local function socket_of (n)
  local device = device_of (n)
  local p = device and device.properties or {}
  local where = p ["api.bluez5.address"] or (p ["device.bus"] == "usb" and p ["device.serial"])
      or p ["device.bus-path"] or p ["device.name"] or n.name
  return where .. ":" .. tostring (n.profile_device)
end

local function may_be_held (n)
  local seen = daemon ~= nil or saved ["daemon"] == tostring (Core.get_info ().cookie)
  return seen and n.device ~= nil and (n.api == "alsa" or n.api == "bluez5") and saved ["known:" .. socket_of (n)] == nil
end

local function know (name)
  local n = raw_node (name)
  if n and n.device then
    remember ("known:" .. socket_of (n), "1")
  end
end

-- Link watch ----------------------------------------------------------------------------------------------------------

-- The sink that this link must not feed.
local function is_encoded (n)
  local si = n and items [n.id]
  return si ~= nil and si.properties ["item.node.encoded-only"] == "true"
end

local function link_offends (l)
  local p = l.properties
  local input, output = nodes [tonumber (p ["link.input.node"])], nodes [tonumber (p ["link.output.node"])]
  if input and is_raw (input) and encoded_barred [input.name] and is_encoded (output) then
    return input.name, output.name
  end
  if not input or not is_raw (input) or may_link (input.name) then
    return nil
  end
  if output and out_of (output) == input.name then
    return nil
  end
  return input.name, output and output.name
end

local function check_link (l)
  if not nodes_ready then
    return -- our own link could not be told from others yet
  end
  local name, from = link_offends (l)
  if name then
    notice ("link " .. tostring (from) .. " -> " .. name .. " removed")
    l:request_destroy ()
  end
end

function check_links ()
  for l in links_om:iterate () do
    check_link (l)
  end
end

-- Nodes and items -----------------------------------------------------------------------------------------------------

local function on_guard (n)
  know (n.guards)
  remember ("sessions", "0")
  mark (n.guards, n.node.properties ["soundwarden.ceiling-db"])
  set_phase (n.guards, "guarded")
  n.node:connect ("notify::properties", function (node)
    mark (n.guards, node.properties ["soundwarden.ceiling-db"])
  end)
end

-- The daemon may have seen this very sink first, and said that it needs no guard.
local function is_judged_free (n)
  return metadata ~= nil and n.serial ~= nil and metadata:find (0, "judged." .. n.name) == n.serial .. ":free"
end

local function on_raw (n)
  n.node:connect ("params-changed", function (_, id)
    local s = sinks [n.name]
    if id == "Props" and s and s.phase == "quiet" then
      limit_node (n)
    end
  end)
  local s = sinks [n.name]
  if s then
    if s.phase == "quiet" then
      limit_node (n)
    end
    update_item (n.name)
    if nodes_ready then
      check_links ()
    end
  elseif may_be_held (n) then
    if is_judged_free (n) then
      know (n.name)
    else
      set_phase (n.name, "held")
    end
  end
end

local function on_node (_, node)
  local p = node.properties
  local n = {
    id = node ["bound-id"], node = node, name = p ["node.name"], class = p ["media.class"], role = p ["media.role"],
    guards = p ["soundwarden.guards"], link_group = p ["node.link-group"], client = p ["client.id"],
    serial = p ["object.serial"], target = p ["target.object"], holds = p ["node.passive"] == "false",
    device = p ["device.id"], api = p ["device.api"], profile_device = p ["card.profile.device"],
  }
  -- What policy-node.lua links, and may link anew without ending it.
  n.tended = n.class == "Stream/Output/Audio" and p ["node.autoconnect"] == "true" and p ["node.dont-reconnect"] ~= "true"
      and p ["node.exclusive"] ~= "true"
  nodes [n.id] = n
  if n.guards then
    on_guard (n)
  elseif is_raw (n) then
    on_raw (n)
  elseif n.class == "Stream/Output/Audio" then
    lead_all ()
  end
  if n.role == "Accessibility" then
    hurry ()
  end
end

local function on_node_removed (_, node)
  local n
  for k, v in pairs (nodes) do
    if v.node == node then
      n = v
      nodes [k] = nil
    end
  end
  if not n then
    return
  end
  items [n.id] = nil
  for name, s in pairs (sinks) do
    if s.link and (s.link_in == n.id or s.link_out == n.id) then
      drop_link (name)
    end
  end
  if n.guards and not guard_main (n.guards) and sinks [n.guards] then
    if (node.properties or {}) ["soundwarden.released"] == "true" then
      notice (n.guards .. ": released")
      forget (n.guards)
    else
      set_phase (n.guards, "silent")
    end
  elseif is_raw (n) and sinks [n.name] and sinks [n.name].phase == "held" then
    forget (n.name)
  end
end

local function on_item (_, si)
  if si ["active-features"] == 0 then
    return -- create-item.lua removes it and registers it again once it is active
  end
  items [tonumber (si.properties ["node.id"])] = si
  local node = si:get_associated_proxy ("node")
  local p = node and node.properties or {}
  if p ["node.name"] and sinks [p ["node.name"]] and not p ["soundwarden.guards"] then
    update_item (p ["node.name"])
  end
  if p ["node.link-group"] then
    for name, _ in pairs (sinks) do
      link_guard (name)
    end
  end
end

-- Taking an item away while it is being registered is not enough: object managers are told one after the other, and
-- policy-node.lua's, told later, keeps it. What it then makes of that is a link item, which it registers before it activates
-- it: one that is reset in between makes no link.
local function on_link_item (_, link)
  local p = link.properties
  for id, item in pairs (items) do
    if tostring (item.id) == p ["in.item.id"] then
      local node = item:get_associated_proxy ("node")
      local np = node and node.properties or {}
      local name = np ["node.name"]
      local out = name and sinks [name] and not np ["soundwarden.guards"] and guard_out (name)
      local own = out and items [out.id] and tostring (items [out.id].id) == p ["out.item.id"]
      if name and not np ["soundwarden.guards"] and not own and not may_link (name) then
        link:reset ()
        item:remove ()
        if nodes [id] then
          nodes [id].hidden = true
        end
      end
    end
  end
end

-- The contract --------------------------------------------------------------------------------------------------------

local function on_want (name, want)
  if want == "free" and not guard_main (name) then
    know (name)
    if sinks [name] then
      forget (name)
    end
  elseif want == "guarded" then
    know (name)
    mark (name, nil)
    if not sinks [name] or sinks [name].phase == "held" then
      set_phase (name, "silent")
    end
  end
end

local function on_metadata (m, subject, key, _, value)
  if subject ~= 0 or not key then
    return
  end
  local wanted = key:match ("^want%.(.+)$")
  if wanted and value then
    on_want (wanted, value)
  elseif key == "orphan-silence-ms" or key == "orphan-level-db" then
    remember (key, value or saved [key])
  elseif key:match ("^encoded%.") and value then
    encoded_barred [key:match ("^encoded%.(.+)$")] = value == "no" or nil
  elseif key == "daemon" then
    daemon = value
    if value then
      encoded_barred = {} -- it says so itself
      remember ("daemon", tostring (Core.get_info ().cookie))
    end
  elseif key == "release" and value then
    release_orphan (value)
    m:set (0, "release", nil, nil)
  end
end

local function start_metadata ()
  metadata = ImplMetadata ("soundwarden")
  metadata:activate (Features.ALL, function (m, e)
    if e then
      Log.warning ("soundwarden: no metadata: " .. tostring (e))
      metadata = nil
      return
    end
    m:set (0, "version", "Spa:String", CONTRACT)
    for name, _ in pairs (sinks) do
      publish (name)
    end
  end)
  metadata:connect ("changed", on_metadata)
end

-- A session is one PipeWire; WirePlumber may be restarted in it.
local function count_session ()
  local cookie = tostring (Core.get_info ().cookie)
  if saved ["cookie"] ~= cookie then
    saved ["cookie"] = cookie
    remember ("sessions", tostring ((tonumber (saved ["sessions"]) or 0) + 1))
  end
end

local function load_marks ()
  local lonely = (tonumber (saved ["sessions"]) or 0) > LONELY_SESSIONS
  local names = {}
  for key, _ in pairs (saved) do
    table.insert (names, key:match ("^mark:(.*)$"))
  end
  for _, name in ipairs (names) do
    set_phase (name, "silent")
    sinks [name].lonely = lonely
  end
end

devices_om = ObjectManager { Interest { type = "device" } }
nodes_om = ObjectManager { Interest { type = "node" } }
links_om = ObjectManager { Interest { type = "link" } }
clients_om = ObjectManager { Interest { type = "client" } }
items_om = ObjectManager {
  Interest { type = "SiLinkable", Constraint { "item.factory.name", "c", "si-audio-adapter", "si-node" } }
}
link_items_om = ObjectManager { Interest { type = "SiLink" } }
default_metadata_om = ObjectManager {
  Interest { type = "metadata", Constraint { "metadata.name", "=", "default" } }
}

nodes_om:connect ("object-added", on_node)
nodes_om:connect ("object-removed", on_node_removed)
nodes_om:connect ("installed", function ()
  nodes_ready = true
  check_links ()
  for name, s in pairs (sinks) do
    if s.lonely then
      Log.warning ("soundwarden: " .. name .. ": no daemon for " .. LONELY_SESSIONS .. " sessions, protection ends")
      release_orphan (name)
    end
  end
end)
links_om:connect ("object-added", function (_, l) check_link (l) end)
items_om:connect ("object-added", on_item)
link_items_om:connect ("object-added", on_link_item)
clients_om:connect ("object-removed", function (_, client)
  if daemon and client.properties ["object.serial"] == daemon then
    daemon = nil
  end
end)
default_metadata_om:connect ("object-added", function (_, md)
  md:connect ("changed", function (_, _, key)
    if key == "target.object" then
      Core.sync (lead_all)
    end
  end)
  lead_all ()
end)

count_session ()
load_marks ()
start_metadata ()
devices_om:activate ()
nodes_om:activate ()
links_om:activate ()
clients_om:activate ()
items_om:activate ()
link_items_om:activate ()
default_metadata_om:activate ()
