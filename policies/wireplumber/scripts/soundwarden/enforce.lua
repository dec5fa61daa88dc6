-- Soundwarden's part in WirePlumber (0.5 and newer): a guarded sink hears its guard and nothing else.
--
-- SPDX-License-Identifier: MIT
--
-- A guard is a pair of nodes with one node.link-group and one client: main (Audio/Sink, soundwarden.guards = node.name
-- of the raw sink) and out (Stream/Output/Audio). Phases of a raw sink:
--
--   (none)   not our business
--   held     a sound card's sink never seen before, and a daemon that has not said yet what it shall be
--   guarded  the guard's main node is there: what aims at the sink is led to it
--   silent   the guard is gone, and nobody released the sink: nothing may be linked
--   quiet    silent or held for too long: links are allowed again, once a limit inside the sink was read back. Where a stream with
--            media.role=Accessibility is there, that is after 0.6 s: nobody who hears the screen is left without it for a second
--
-- It works with the daemon dead. What it must know then stands in WirePlumber's state, in the file "soundwarden".
-- Threads: WirePlumber's one main loop.

local lutils = require ("linking-utils")
local cutils = require ("common-utils")
local log = Log.open_topic ("s-soundwarden")

local json = ...
local config = json and json:parse () or {}

local CONTRACT = "1"
local SILENCE_MS = tonumber (config ["orphan-silence-ms"]) or 5000
local ORPHAN_DB = tonumber (config ["orphan-level-db"]) or -30.0
local DSP_MS = 2000           -- a filter that WirePlumber puts in front of a sink is there long before
local AFTER_GUARD_MS = 300    -- what was under way when a guard went has failed by then
local HELD_MS = 1000          -- a daemon that does not answer must not make a new card dead
local SPOKEN_MS = 600         -- who hears what is on the screen is not left without it for a second
local LONELY_SESSIONS = 3     -- so many in a row without a daemon, and the marks are dropped
local USUAL_MAX = 10.0        -- channelmix.max-volume where nobody has set it
local RELEASED_VOLUME = 0.064 -- 0.4³: where session managers start a card they have never seen
local RELEASED_AT_MOST = 0.13 -- what a card that knows few steps may make of it
local RELEASE_HELD = 4        -- looks, 100 ms apart, in which it is so
local RELEASE_TRIES = 40

local state = State ("soundwarden")
local saved = state:load ()   -- mark:SINK (last ceiling), device:SINK, known:SOCKET, cookie, sessions, daemon, orphan-…
local encoded_barred = {}     -- node.name -> true: no encoded streams, guard or not
local sinks = {}              -- node.name -> { phase, timer, limited }
local nodes = {}              -- bound id -> what is needed of a node
local nodes_ready = false
local metadata = nil
local daemon = nil            -- object.serial of the daemon's client
local check_links, limit_node, link_dsp, schedule_rescan

local function save ()
  local ok, err = state:save (saved)
  if not ok then
    log:warning ("cannot save state: " .. tostring (err))
  end
end

local function remember (key, value)
  if saved [key] ~= value then
    saved [key] = value
    save ()
  end
end

local function publish (name)
  if metadata then
    local phase = sinks [name] and sinks [name].phase
    metadata:set (0, "sink." .. name, phase and "Spa:String" or nil, phase)
  end
end

function schedule_rescan ()
  local source = Plugin.find ("standard-event-source")
  if source then
    source:call ("schedule-rescan", "linking")
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
local function out_of (props)
  local group, client = props ["node.link-group"], props ["client.id"]
  if not group or not client or props ["media.class"] ~= "Stream/Output/Audio" then
    return nil
  end
  for _, n in pairs (nodes) do
    if n.guards and n.link_group == group and n.client == client then
      return n.guards
    end
  end
end

local function find_item (accepts)
  for si in cutils.get_object_manager ("session-item"):iterate { type = "SiLinkable" } do
    local node = si:get_associated_proxy ("node")
    if node and accepts (node.properties) then
      return si
    end
  end
end

local function main_item (name)
  return find_item (function (p)
    return p ["soundwarden.guards"] == name and p ["media.class"] == "Audio/Sink"
  end)
end

local function raw_item (name)
  return find_item (function (p)
    return p ["node.name"] == name and not p ["soundwarden.guards"]
        and tostring (p ["media.class"]):find ("^Audio/Sink") ~= nil
  end)
end

-- The limit inside the sink -------------------------------------------------------------------------------------------
--
-- A sink's own gain is min (channel volume, max) × min (volume, max): with max at the root of a level the product is that
-- level at most, whatever anyone sets. Unlike a volume it is not stored and dies with the node. It is printed and read
-- back with six decimals, so it is rounded down to those.

local function root (level)
  return math.floor (math.sqrt (level) * 1e6) / 1e6
end

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

local function read_limit (node)
  for p in node:iterate_params ("Props") do
    local props = cutils.parseParam (p, "Props")
    local list = props and props.params
    if type (list) == "table" then
      for i = 1, #list - 1 do
        if list [i] == "channelmix.max-volume" then
          return tonumber (list [i + 1])
        end
      end
    end
  end
end

local function write_param (node, key, value)
  node:set_param ("Props", Pod.Object {
    "Spa:Pod:Object:Param:Props", "Props",
    params = Pod.Struct { key, value },
  })
end

-- The daemon's clamp stands in front of the sink's volume, at the ceiling: together with the limit it would cut what is to
-- sound quietly. At full scale, behind the limit, it keeps any sum of streams at the limit. Ignored before PipeWire 1.4.
local GRAPH = "audioconvert.filter-graph.0"

local function clamp_at_full_scale (channels)
  if channels > 40 then
    return "" -- the text would not fit into the 4096 bytes that are read
  end
  local list, ins, outs = {}, {}, {}
  for i = 0, math.max (channels, 16) - 1 do -- more nodes than channels do no harm, fewer silence the rest
    table.insert (list, "{type=builtin name=c" .. i .. " label=clamp control={Min=-1.0 Max=1.0}}")
    table.insert (ins, '"c' .. i .. ':In"')
    table.insert (outs, '"c' .. i .. ':Out"')
  end
  return "{nodes=[" .. table.concat (list, " ") .. "] inputs=[" .. table.concat (ins, " ")
      .. "] outputs=[" .. table.concat (outs, " ") .. "]}"
end

local function write_limit (node, value)
  write_param (node, "channelmix.max-volume", Pod.Float (value))
  write_param (node, GRAPH, clamp_at_full_scale (tonumber (node.properties ["audio.channels"]) or 2))
end

-- Called until it is read back; a write is asynchronous, and nothing may be linked before it holds.
function limit_node (n)
  local wanted = root (quiet_level (n.name))
  local now = read_limit (n.node)
  if now and now <= wanted * 1.000001 then
    if not n.limited then
      n.limited = true
      log:notice (n.name .. ": limited, may be linked")
      schedule_rescan ()
    end
    return
  end
  n.limited = false
  if now then
    write_limit (n.node, wanted)
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
  for _, n in pairs (nodes) do
    if n.name == name and is_raw (n) then
      n.limited = false
      if (read_limit (n.node) or 10.0) <= 1.0 then
        write_param (n.node, GRAPH, "")
        write_param (n.node, "channelmix.max-volume", Pod.Float (USUAL_MAX))
      end
    end
  end
end

-- Phases --------------------------------------------------------------------------------------------------------------

local function go_quiet (name)
  if saved ["mark:" .. name] == "block" then
    return -- what was blocked stays silent
  end
  local s = sinks [name]
  s.phase = "quiet"
  log:notice (name .. ": quiet")
  publish (name)
  for _, n in pairs (nodes) do
    if n.name == name and is_raw (n) then
      limit_node (n)
    end
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
    log:notice (name .. ": " .. tostring (s.phase) .. " -> " .. phase)
  end
  s.phase = phase
  publish (name)
  if phase ~= "guarded" then -- a limit from before is the daemon's to lift, when the guard is lower by as much
    start_timer (name, phase == "held" and HELD_MS or silence_ms ())
  end
  check_links ()
  schedule_rescan ()
end

local function mark (name, ceiling)
  remember ("mark:" .. name, ceiling or saved ["mark:" .. name] or "none")
end

local function forget (name)
  local s = sinks [name]
  if s and s.timer then
    s.timer:destroy ()
  end
  sinks [name] = nil
  saved ["mark:" .. name] = nil
  saved ["device:" .. name] = nil
  save ()
  lift_limit (name)
  publish (name)
  schedule_rescan ()
end

-- Sinks with DSP of their own -----------------------------------------------------------------------------------------
--
-- WirePlumber itself puts a filter in front of them (node.software-dsp.rules: Asahi, Steam Deck) and may hide them from
-- every other client. They are left to it; a hidden one that is held would wait for a daemon that never sees it. Where the
-- filter does not come, or goes, nothing stands in front: then the sink is like any other.

local dsp_rules = Conf.get_section_as_json ("node.software-dsp.rules", Json.Array {}) -- later there is no Conf any more

local function matches_dsp_rule (properties)
  local found = false
  JsonUtils.match_rules (dsp_rules, properties, function (action)
    found = found or action == "create-filter"
    return true
  end)
  return found
end

local function has_own_dsp (n)
  local ok, found = pcall (matches_dsp_rule, n.node.properties)
  if not ok then
    log:warning ("node.software-dsp.rules cannot be read: " .. tostring (found))
  end
  return ok and found
end

local function own_dsp (name)
  for _, n in pairs (nodes) do
    if n.name == name and n.own_dsp then
      return true
    end
  end
end

-- A filter's output that aims at this sink, and is no guard's.
local function is_dsp_of (n, name)
  return n.class == "Stream/Output/Audio" and n.target == name and n.link_group ~= nil
      and not n.link_group:find ("^soundwarden%.")
end

local function dsp_stands (name)
  for _, n in pairs (nodes) do
    if is_dsp_of (n, name) then
      return true
    end
  end
end

local function publish_own_dsp (n, there)
  if metadata then
    metadata:set (0, "dsp." .. n.name, there and "Spa:String" or nil, there and "true" or nil)
  end
end

-- Held sinks ----------------------------------------------------------------------------------------------------------

local function daemon_seen ()
  return daemon ~= nil or saved ["daemon"] == tostring (Core.get_info ().cookie)
end

-- What tells one socket from every other, also after a reboot.
local function socket_of (n)
  local device = n.device and devices_om:lookup {
    Constraint { "bound-id", "=", tonumber (n.device), type = "gobject" },
  }
  local p = device and device.properties or {}
  local where = p ["api.bluez5.address"] or (p ["device.bus"] == "usb" and p ["device.serial"])
      or p ["device.bus-path"] or p ["device.name"] or n.name
  return where .. ":" .. tostring (n.profile_device)
end

local function may_be_held (n)
  return n.device ~= nil and (n.api == "alsa" or n.api == "bluez5") and daemon_seen ()
      and saved ["known:" .. socket_of (n)] == nil
end

local function know (name)
  for _, n in pairs (nodes) do
    if n.name == name and is_raw (n) and n.device then
      remember ("known:" .. socket_of (n), "1")
    end
  end
end

-- Link watch ----------------------------------------------------------------------------------------------------------

-- The sink that this link must not feed.
local function link_offends (l)
  local p = l.properties
  local input, output = nodes [tonumber (p ["link.input.node"])], nodes [tonumber (p ["link.output.node"])]
  local s = input and is_raw (input) and sinks [input.name]
  if not s or (s.phase == "quiet" and input.limited) then
    return nil
  end
  if output and out_of (output.node.properties) == input.name then
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
    log:notice ("link " .. tostring (from) .. " -> " .. name .. " removed")
    l:request_destroy ()
  end
end

function check_links ()
  for l in links_om:iterate () do
    check_link (l)
  end
end

-- Nodes ---------------------------------------------------------------------------------------------------------------

local function on_guard (n)
  if own_dsp (n.guards) then
    return -- it will go
  end
  for _, raw in pairs (nodes) do
    if raw.name == n.guards and is_raw (raw) and raw.device then
      local device = devices_om:lookup {
        Constraint { "bound-id", "=", tonumber (raw.device), type = "gobject" },
      }
      remember ("device:" .. n.guards, device and device.properties ["device.name"] or nil)
    end
  end
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

local function watch_raw (n)
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

local function check_dsp (n)
  if nodes [n.id] == n and n.own_dsp and not dsp_stands (n.name) then
    log:warning (n.name .. ": its DSP is not there, it is guarded")
    n.own_dsp = false
    publish_own_dsp (n, false)
    watch_raw (n)
  end
end

local function on_raw (n)
  n.own_dsp = has_own_dsp (n)
  if not n.own_dsp then
    return watch_raw (n)
  end
  log:notice (n.name .. ": left to the DSP in front of it")
  publish_own_dsp (n, true)
  if sinks [n.name] then
    forget (n.name)
  end
  Core.timeout_add (DSP_MS, function ()
    check_dsp (n)
    return false
  end)
end

local function on_node (_, node)
  local p = node.properties
  local n = {
    id = node ["bound-id"], node = node, name = p ["node.name"], class = p ["media.class"], role = p ["media.role"],
    guards = p ["soundwarden.guards"], link_group = p ["node.link-group"], client = p ["client.id"], serial = p ["object.serial"],
    target = p ["target.object"] or p ["node.target"],
    device = p ["device.id"], api = p ["device.api"], profile_device = p ["card.profile.device"],
  }
  nodes [n.id] = n
  if n.guards then
    on_guard (n)
  elseif is_raw (n) then
    on_raw (n)
  end
  if n.role == "Accessibility" then
    hurry ()
  end
end

-- Direct, not by an event that waits its turn: the veto is in force before anything is linked anew.
local function on_node_removed (_, node)
  local key, n
  for k, v in pairs (nodes) do
    if v.node == node then
      key, n = k, v
    end
  end
  if not n then
    return
  end
  nodes [key] = nil
  if n.own_dsp then
    publish_own_dsp (n, false)
  else
    for _, raw in pairs (nodes) do
      if raw.own_dsp and is_dsp_of (n, raw.name) then
        check_dsp (raw)
      end
    end
  end
  if n.guards and not guard_main (n.guards) and sinks [n.guards] then
    if (node.properties or {}) ["soundwarden.released"] == "true" then
      log:notice (n.guards .. ": released")
      forget (n.guards)
    else
      set_phase (n.guards, "silent")
    end
  elseif n.guards and own_dsp (n.guards) then
    -- It was made before the daemon heard of the DSP.
    schedule_rescan ()
    Core.timeout_add (AFTER_GUARD_MS, function ()
      link_dsp (n.guards)
      return false
    end)
  elseif is_raw (n) and sinks [n.name] and sinks [n.name].phase == "held" then
    forget (n.name)
  end
end

-- Target selection ----------------------------------------------------------------------------------------------------

local function unlink (si, si_flags)
  if si_flags.peer_id then
    local link = lutils.lookupLink (si.id, si_flags.peer_id)
    if link then
      link:remove ()
    end
    si_flags.peer_id = nil
  end
end

-- The daemon may have removed a link of the DSP's as a stranger's, before it heard whose it was. WirePlumber does not notice, and
-- would leave the DSP without its sink.
function link_dsp (name)
  local si = find_item (function (p)
    return is_dsp_of ({ class = p ["media.class"], target = p ["target.object"] or p ["node.target"], link_group = p ["node.link-group"] }, name)
  end)
  if not si then
    return
  end
  local id = si:get_associated_proxy ("node") ["bound-id"]
  for l in links_om:iterate () do
    if tonumber (l.properties ["link.output.node"]) == id then
      return
    end
  end
  local si_flags = lutils:get_flags (si.id)
  unlink (si, si_flags)
  si_flags.was_handled = nil
  si_flags.failed_count = nil
  schedule_rescan ()
end

local function veto (event, si, si_flags)
  unlink (si, si_flags)
  si_flags.was_handled = nil -- a node.dont-reconnect stream must be linkable again when the guard is back
  event:set_data ("target", nil)
  event:stop_processing ()   -- prepare-link would report an error to the client, or destroy its node
end

local function enforce (event)
  local _, _, si, si_props, si_flags, target = lutils:unwrap_select_target_event (event)
  if si_props ["item.node.direction"] ~= "output" then
    return
  end
  local node = si:get_associated_proxy ("node")
  local own = out_of (node.properties)
  if own then -- the guard's out half goes to its sink, whatever anyone has set
    local raw = raw_item (own)
    if not raw then
      return veto (event, si, si_flags)
    end
    si_flags.can_passthrough = false
    event:set_data ("target", raw)
    return
  end
  if not target then
    return
  end
  local target_node = target:get_associated_proxy ("node")
  local name = target_node.properties ["node.name"]
  if own_dsp (name) and guard_main (name) then
    return veto (event, si, si_flags) -- until that guard has gone; its daemon removes every link that is not its own
  end
  local s = sinks [name]
  local encoded = cutils.parseBool (si_props ["item.node.encoded-only"])
  if encoded and encoded_barred [name] then
    return veto (event, si, si_flags)
  end
  if not s or target_node.properties ["soundwarden.guards"] then
    return
  end
  if s.phase == "quiet" then
    local n = nodes [target_node ["bound-id"]]
    if n and n.limited and not encoded then
      si_flags.can_passthrough = false
      return
    end
  elseif s.phase == "guarded" and not encoded then
    local main = main_item (name)
    if main and lutils.canLink (si_props, main) then
      si_flags.can_passthrough = false
      event:set_data ("target", main)
      return
    end
  end
  log:info (si, "no link " .. tostring (si_props ["node.name"]) .. " -> " .. name .. " (" .. s.phase .. ")")
  veto (event, si, si_flags)
end

SimpleEventHook {
  name = "soundwarden/enforce",
  after = {
    "linking/find-defined-target", "linking/find-filter-target", "linking/find-media-role-target",
    "linking/find-default-target", "linking/find-best-target", "linking/get-filter-from-target",
  },
  before = "linking/prepare-link",
  interests = { EventInterest { Constraint { "event.type", "=", "select-target" } } },
  execute = function (event)
    local ok, err = pcall (enforce, event)
    if not ok then -- the event would go on with the raw sink as its target
      log:warning ("target selection failed: " .. tostring (err))
      event:set_data ("target", nil)
      event:stop_processing ()
    end
  end
}:register ()

-- Stored route volumes ------------------------------------------------------------------------------------------------
--
-- With nobody in front of it, a marked sink's route is not restored louder than the last ceiling.

local function cap_routes (event)
  local device = event:get_subject ()
  local routes = event:get_data ("selected-routes")
  local cap = nil
  for name, s in pairs (sinks) do
    local ceiling = tonumber (saved ["mark:" .. name])
    if ceiling and s.phase ~= "guarded" and saved ["device:" .. name] == device.properties ["device.name"] then
      cap = math.min (cap or 1.0, 10 ^ (ceiling / 20))
    end
  end
  if not cap or not routes then
    return
  end
  local capped = {}
  for id, text in pairs (routes) do
    local route = Json.Raw (text):parse ()
    local props = route.props or {}
    if type (props.channelVolumes) == "table" then
      for i, volume in ipairs (props.channelVolumes) do
        props.channelVolumes [i] = math.min (tonumber (volume) or 0.0, cap)
      end
    end
    for _, key in ipairs { "channelVolumes", "channelMap", "iec958Codecs" } do
      if type (props [key]) == "table" then
        props [key] = Json.Array (props [key])
      end
    end
    route.props = Json.Object (props)
    capped [id] = Json.Object (route):to_string ()
  end
  event:set_data ("selected-routes", capped)
end

SimpleEventHook {
  name = "soundwarden/cap-routes",
  after = "device/apply-route-props",
  before = "device/apply-routes",
  interests = { EventInterest { Constraint { "event.type", "=", "select-routes" } } },
  execute = function (event)
    local ok, err = pcall (cap_routes, event)
    if not ok then
      log:warning ("route volumes are not capped: " .. tostring (err))
    end
  end
}:register ()

-- Leaving a marked sink to others: its route goes down before anything else may open it.
local function lower_routes_of (device, n)
  for p in device:iterate_params ("Route") do -- an iterator and its state: no expression may stand around it
    local route = cutils.parseParam (p, "Route")
    local volumes = route and route.props and route.props.properties
        and route.props.properties.channelVolumes
    if type (volumes) == "table" and route.direction == "Output" and route.device == tonumber (n.profile_device) then
      local lowered = { "Spa:Float" }
      for _, volume in ipairs (volumes) do
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

local function device_of (n)
  return n.device and devices_om:lookup {
    Constraint { "bound-id", "=", tonumber (n.device), type = "gobject" },
  }
end

local function lower_route (name)
  for _, n in pairs (nodes) do
    local device = n.name == name and is_raw (n) and device_of (n)
    if device then
      lower_routes_of (device, n)
    end
  end
end

-- As the card tells it. A sink without routes has no volume of its own to lower.
local function is_lowered (name)
  for _, n in pairs (nodes) do
    if n.name == name and is_raw (n) and n.device then
      local device = device_of (n)
      if not device then
        return false
      end
      for p in device:iterate_params ("Route") do
        local route = cutils.parseParam (p, "Route")
        local volumes = route and route.props and route.props.properties
            and route.props.properties.channelVolumes
        if type (volumes) == "table" and route.direction == "Output" and route.device == tonumber (n.profile_device) then
          for _, volume in ipairs (volumes) do
            if volume > RELEASED_AT_MOST then
              return false
            end
          end
        end
      end
    end
  end
  return true
end

-- A guard that was the default stood for its sink.
local function give_back_default (name)
  local md = cutils.get_default_metadata_object ()
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
      log:notice (name .. ": released")
      forget (name)
      give_back_default (name)
      return false
    end
    tries = tries + 1
    if tries >= RELEASE_TRIES then
      s.releasing = nil
      log:warning (name .. ": not released, the card does not take the low volume")
      return false
    end
    return true
  end
  if try () then
    Core.timeout_add (100, try)
  end
end

-- The contract --------------------------------------------------------------------------------------------------------

local function on_want (name, want)
  if want == "free" and not guard_main (name) then
    know (name)
    if sinks [name] then
      forget (name)
    end
  elseif want == "guarded" and not own_dsp (name) then -- a daemon that saw the sink before it heard of its DSP
    know (name)
    mark (name, nil)
    if not sinks [name] or sinks [name].phase == "held" then
      set_phase (name, "silent")
    end
  end
end

local function on_daemon (serial)
  daemon = serial
  if serial then
    encoded_barred = {} -- it says so itself
    remember ("daemon", tostring (Core.get_info ().cookie))
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
    on_daemon (value)
  elseif key == "release" and value then
    release_orphan (value)
    m:set (0, "release", nil, nil)
  end
end

local function start_metadata ()
  metadata = ImplMetadata ("soundwarden")
  metadata:activate (Features.ALL, function (m, e)
    if e then
      log:warning ("no metadata: " .. tostring (e))
      metadata = nil
      return
    end
    m:set (0, "version", "Spa:String", CONTRACT)
    for name, _ in pairs (sinks) do
      publish (name)
    end
    for _, n in pairs (nodes) do
      if n.own_dsp then
        publish_own_dsp (n, true)
      end
    end
  end)
  metadata:connect ("changed", on_metadata)
end

-- A session is one PipeWire; WirePlumber may be restarted in it.
local function count_session ()
  local cookie = tostring (Core.get_info ().cookie)
  if saved ["cookie"] == cookie then
    return
  end
  saved ["cookie"] = cookie
  saved ["sessions"] = tostring ((tonumber (saved ["sessions"]) or 0) + 1)
  save ()
end

local function load_marks ()
  local names = {}
  for key, _ in pairs (saved) do
    local name = key:match ("^mark:(.*)$")
    if name then
      table.insert (names, name)
    end
  end
  local lonely = (tonumber (saved ["sessions"]) or 0) > LONELY_SESSIONS
  for _, name in ipairs (names) do
    set_phase (name, "silent")
    if lonely then
      log:warning (name .. ": no Soundwarden for " .. LONELY_SESSIONS .. " sessions, protection ends")
      sinks [name].lonely = true
    end
  end
end

devices_om = ObjectManager { Interest { type = "device" } }
nodes_om = ObjectManager { Interest { type = "node" } }
links_om = ObjectManager { Interest { type = "link" } }
clients_om = ObjectManager { Interest { type = "client" } }

nodes_om:connect ("object-added", on_node)
nodes_om:connect ("object-removed", on_node_removed)
nodes_om:connect ("installed", function ()
  nodes_ready = true
  check_links ()
  for name, s in pairs (sinks) do
    if s.lonely then
      release_orphan (name)
    end
  end
end)
links_om:connect ("object-added", function (_, l) check_link (l) end)
clients_om:connect ("object-removed", function (_, client)
  if daemon and client.properties ["object.serial"] == daemon then
    daemon = nil
  end
end)

count_session ()
load_marks ()
start_metadata ()
devices_om:activate ()
nodes_om:activate ()
links_om:activate ()
clients_om:activate ()
