// SPDX-License-Identifier: MIT
// Finds and reads the files that a policy is made of, layer by layer, as the UAPI group's configuration files
// specification has it (https://uapi-group.org/specifications/specs/configuration_files_specification/). Which of them
// count, and what they say, is for policy::load to find out. Standard library only; blocks on the disk; any thread;
// throws nothing but std::bad_alloc: what cannot be read is a SourceText with a problem.
#pragma once

#include "policy/source.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::files {

/// A policy file is at most this long, and a directory has at most this many: more is a mistake, and none that should
/// be paid for with memory.
inline constexpr std::size_t most_bytes = 4U * 1024U * 1024U;
inline constexpr std::size_t most_files = 1000;

/// The directories ("…/soundwarden/policy.d") of each layer, the weakest first. Empty: there is no such layer.
struct Layers {
    std::string vendor;
    std::string run;
    std::string etc;
    std::string user;
    bool operator==(const Layers &) const = default;
};

/// Below the data directory that this was built for, /run and /etc, and the user's as given.
Layers machine_layers(std::string user);

/// "soundwarden/policy.d" below $XDG_CONFIG_HOME, else below $HOME/.config. Empty where neither is an absolute path.
std::string user_directory();

/// Every policy file of every layer: `*.toml` that are no hidden files and no editors' backups, sorted by name within
/// each directory. A link to /dev/null is an empty text: it masks. A directory that is not there is none; one that
/// cannot be listed, or has more than most_files, is one text with a problem and the directory's path.
std::vector<policy::SourceText> read_layers(const Layers &layers);

/// For --policy-dir: the files of that directory, and those of the root-owned layers, whose locked rules still bind. A
/// directory that is not there is a problem.
std::vector<policy::SourceText> read_directory(const std::string &directory, const Layers &layers);

/// One file, whatever it is called. One that is not there is a problem. Never opens anything but a regular file.
policy::SourceText read_file(const std::string &path, policy::Layer layer);

/// The layer in which this file lies, `etc` where it lies in none: a file that somebody has checked before it is put
/// where it is meant to go may say what an administrator's may.
policy::Layer layer_of(const std::string &path, const Layers &layers);

/// Where a change may change the policy: each layer's directory, or the nearest one above it that there is (in which it
/// would turn up), and those in which the targets of linked files lie. Sorted, without doubles. It changes with what is
/// there: ask again after each change.
std::vector<std::string> directories_to_watch(const Layers &layers);

/// The path as it can be shown: what is no UTF-8, and control characters, as "\xNN".
std::string shown_path(std::string_view path);

/// "larger than 4 MiB; a policy file is at most that long": for texts that come another way.
std::string too_long();

} // namespace soundwarden::files
