// SPDX-License-Identifier: MIT
// The names on the bus: one place for the daemon and for the CLI. What they mean: the interface XML beside this folder.
#pragma once

namespace soundwarden::bus {

inline constexpr const char *service_name = "org.soundwarden.SoundWarden1";
inline constexpr const char *root_path = "/org/soundwarden/SoundWarden1";
/// An output's object is `output_path_prefix` + its id.
inline constexpr const char *output_path_prefix = "/org/soundwarden/SoundWarden1/output/";
inline constexpr const char *dose_path = "/org/soundwarden/SoundWarden1/dose";

inline constexpr const char *manager_interface = "org.soundwarden.SoundWarden1.Manager";
inline constexpr const char *output_interface = "org.soundwarden.SoundWarden1.Output";
inline constexpr const char *dose_interface = "org.soundwarden.SoundWarden1.Dose";
inline constexpr const char *properties_interface = "org.freedesktop.DBus.Properties";
inline constexpr const char *object_manager_interface = "org.freedesktop.DBus.ObjectManager";

/// The bus daemon itself; its interface has the same name.
inline constexpr const char *bus_service = "org.freedesktop.DBus";
inline constexpr const char *bus_path = "/org/freedesktop/DBus";

/// Errors of ours (`org.soundwarden.SoundWarden1.Error.*`) and those of the bus that both sides tell apart.
namespace error {
inline constexpr const char *internal =
    "org.soundwarden.SoundWarden1.Error.Internal"; ///< a fault in the daemon; it goes on
inline constexpr const char *not_allowed = "org.soundwarden.SoundWarden1.Error.NotAllowed";
inline constexpr const char *failed = "org.soundwarden.SoundWarden1.Error.Failed";
inline constexpr const char *invalid_argument = "org.soundwarden.SoundWarden1.Error.InvalidArgument";
inline constexpr const char *no_such_output = "org.soundwarden.SoundWarden1.Error.NoSuchOutput";
inline constexpr const char *limits_exceeded = "org.soundwarden.SoundWarden1.Error.LimitsExceeded";

inline constexpr const char *name_taken =
    "org.freedesktop.DBus.Error.FileExists"; ///< what RequestName gives (1.2 and 2.x)
inline constexpr const char *service_unknown = "org.freedesktop.DBus.Error.ServiceUnknown";
inline constexpr const char *name_has_no_owner = "org.freedesktop.DBus.Error.NameHasNoOwner";
inline constexpr const char *spawn_prefix = "org.freedesktop.DBus.Error.Spawn.";  ///< what the bus could not start
inline constexpr const char *systemd_prefix = "org.freedesktop.systemd1.";           ///< likewise, by systemd
inline constexpr const char *unknown_method = "org.freedesktop.DBus.Error.UnknownMethod";
inline constexpr const char *no_reply = "org.freedesktop.DBus.Error.NoReply";
inline constexpr const char *timeout = "org.freedesktop.DBus.Error.Timeout";
inline constexpr const char *disconnected = "org.freedesktop.DBus.Error.Disconnected";
} // namespace error

} // namespace soundwarden::bus
