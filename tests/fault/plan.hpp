// SPDX-License-Identifier: MIT
// Which calls fail, and how: a pure function of the seed. What the preloaded library (injector.cpp) and the tests share, the page of
// memory through which a test switches it on and reads what it did included.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace soundwarden::fault {

/// Kinds of calls that are switched on and off together.
enum class Class : std::uint32_t { open, file, descriptor, socket, wait, ioctl, memory, allocation, thread, node, path, count };
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Class::count)> class_names{
    "open", "file", "descriptor", "socket", "wait", "ioctl", "memory", "allocation", "thread", "node", "path"};

constexpr std::uint32_t bit(Class each) { return 1U << static_cast<std::uint32_t>(each); }
inline constexpr std::uint32_t all_classes = (1U << static_cast<std::uint32_t>(Class::count)) - 1U;

/// Calls that are counted together. Wrappers of one system call (open, openat, fopen) are one.
enum class Call : std::uint32_t {
    open, node_open, read, write, sync, truncate, make_descriptor, watch, socket, connect, send, receive, wait, ioctl, map, allocate, thread, lock, look, change, count
};
struct CallFacts {
    std::string_view name;
    Class of;
};
inline constexpr std::array<CallFacts, static_cast<std::size_t>(Call::count)> calls{{
    {"open", Class::open},
    {"node-open", Class::node},
    {"read", Class::file},
    {"write", Class::file},
    {"fsync", Class::file},
    {"truncate", Class::file},
    {"make-descriptor", Class::descriptor}, // eventfd, timerfd, signalfd, epoll, inotify, memfd, dup, fcntl
    {"watch", Class::descriptor},           // epoll_ctl, inotify_add_watch
    {"socket", Class::socket},
    {"connect", Class::socket},
    {"send", Class::socket},
    {"receive", Class::socket},
    {"wait", Class::wait}, // poll, epoll_wait
    {"ioctl", Class::ioctl},
    {"mmap", Class::memory},
    {"malloc", Class::allocation},
    {"pthread_create", Class::thread},
    {"lock", Class::file},   // fcntl
    {"look", Class::path},   // stat, access, readlink
    {"change", Class::path}, // unlink, rename, mkdir, rmdir, chmod
}};
constexpr const CallFacts &facts(Call call) { return calls[static_cast<std::size_t>(call)]; }

/// Of how many calls of a class one fails on average: so that some fail in a second of the daemon's life, and most do not.
inline constexpr std::array<std::uint32_t, static_cast<std::size_t>(Class::count)> usual_one_in{10, 20, 6, 40, 8, 3, 8, 4000, 3, 2, 10};

/// Stands in the place of an error: the call did less than it was asked to.
inline constexpr std::int32_t cut_short = -1;

/// What the call with this number does: nothing (it goes through), or which of the errors that it may give, as a number to be taken
/// modulo how many those are. On average one in `one_in` fails. SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::optional<std::uint32_t> planned(std::uint64_t seed, Call call, std::uint64_t number, std::uint32_t one_in) {
    if (one_in == 0) return std::nullopt;
    std::uint64_t mixed = seed * 0x9E3779B97F4A7C15U + (static_cast<std::uint64_t>(call) << 56U) + number;
    mixed += 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    mixed ^= mixed >> 31U;
    if ((mixed >> 32U) % one_in != 0) return std::nullopt;
    return static_cast<std::uint32_t>(mixed & 0xFFFFFFFFU);
}

struct Record {
    Call call{};
    std::int32_t error = 0; ///< of errno.h, or cut_short; 0: due, but nothing can go wrong with this call on such a descriptor
    std::uint64_t number = 0; ///< of the call, among those of its kind while its class was on
    std::int32_t process = 0;
    std::int32_t reserved = 0;
};

/// A file that is mapped by the test and by the process under it. Counters and records go on when that process is started anew.
struct Page {
    static constexpr std::uint64_t right_magic = 0x3130544C46575330U;
    static constexpr std::uint32_t most_records = 4096;

    std::uint64_t magic = right_magic;
    std::uint64_t seed = 0;
    std::atomic<std::uint32_t> classes{0}; ///< those that are on; 0: every call goes through
    std::array<std::atomic<std::uint32_t>, static_cast<std::size_t>(Class::count)> one_in{};
    std::atomic<std::int64_t> realtime_offset_ns{0}; ///< added to CLOCK_REALTIME
    std::atomic<std::uint32_t> recorded{0};          ///< may be more than there is room for
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Call::count)> made{}; ///< calls while on
    std::array<Record, most_records> records{};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

/// The variable that names the page's file. The library does nothing without it.
inline constexpr const char *page_variable = "SOUNDWARDEN_FAULT_PAGE";

} // namespace soundwarden::fault
