// SPDX-License-Identifier: MIT
#include "files/layers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace soundwarden::files {
namespace {

namespace fs = std::filesystem;
using policy::Layer;
using policy::SourceText;

constexpr std::string_view suffix = ".toml";

/// The bytes of the character at the beginning that may be shown as they are; 0: none may.
std::size_t showable(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > text.size()) return 0;
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0U) != 0x80U) return 0;
        code = code << 6U | (byte(at) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < smallest[length] || surrogate || code > 0x10FFFF || code < 0xA0 ? 0 : length;
}

bool can_be_shown(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = showable(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Hidden files are none of ours (".#60-mine.toml" is a lock of Emacs); "60-mine.toml~" and "60-mine.toml.swp" end
/// otherwise.
bool is_policy_file(std::string_view name) {
    return name.size() > suffix.size() && name.front() != '.' && name.substr(name.size() - suffix.size()) == suffix;
}

std::string reason_of(const std::error_code &error) { return error.default_error_condition().message(); }

std::string what_is(fs::file_type type) {
    switch (type) {
    case fs::file_type::directory:
        return "a directory, not a file; move it elsewhere, or give it a name that does not end in .toml";
    case fs::file_type::fifo: return "a FIFO, not a file; remove it";
    case fs::file_type::socket: return "a socket, not a file; remove it";
    case fs::file_type::block:
    case fs::file_type::character: return "a device, not a file; remove it (a link to /dev/null masks a file)";
    default: return "not a file; remove it";
    }
}

bool is_null_device(const fs::path &path) {
    std::error_code error;
    return fs::canonical(path, error) == "/dev/null" && !error;
}

/// A problem is told as "cannot be read: …".
std::string why_not_opened(int number) {
    const std::string why = std::generic_category().message(number);
    return number == EACCES ? why + "; make it readable (chmod a+r), or remove it" : why;
}

/// Reads what is open, at most one byte more than a policy file may have.
void read_into(SourceText &text, std::ifstream &stream) {
    std::array<char, 65536> block{};
    while (text.content.size() <= most_bytes && stream) {
        stream.read(block.data(), block.size());
        text.content.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) text.problem = "the disk, or what stands for one, reports an error";
    if (text.content.size() > most_bytes) text.problem = too_long();
    if (!text.problem.empty()) text.content.clear();
}

/// Nothing: there is no such file.
std::optional<SourceText> read(const fs::path &path, Layer layer) {
    SourceText text{shown_path(path.native()), layer, {}, {}, false};
    std::error_code error;
    const fs::file_status link = fs::symlink_status(path, error);
    if (link.type() == fs::file_type::not_found) return std::nullopt;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        const fs::path target = fs::read_symlink(path, error);
        if (error) return std::nullopt; // it has gone since it was looked at
        text.problem = "a link to " + shown_path(target.native()) + ", which is not there; remove it, or mend it";
        return text;
    }
    if (status.type() == fs::file_type::none || status.type() == fs::file_type::unknown) {
        text.problem = reason_of(error) + "; remove it, or mend it";
        return text;
    }
    if (is_null_device(path)) return text;
    // Opening a FIFO would wait for its writer. (Whoever puts one there between these two lines may write the policy
    // anyway.)
    if (!fs::is_regular_file(status)) {
        text.problem = what_is(status.type());
        return text;
    }
    errno = 0;
    std::ifstream stream{path, std::ios::binary};
    if (!stream) {
        const int number = errno;
        if (number == ENOENT) return std::nullopt; // it has gone since it was listed
        text.problem = why_not_opened(number == 0 ? EIO : number);
        return text;
    }
    read_into(text, stream);
    return text;
}

SourceText directory_problem(const std::string &directory, Layer layer, std::string problem) {
    return {shown_path(directory), layer, {}, std::move(problem), false};
}

struct Listing {
    std::vector<std::string> names; ///< sorted by bytes
    std::error_code error{};
    bool too_many = false;
};

Listing list(const std::string &directory) {
    Listing listing;
    fs::directory_iterator entry{directory, listing.error};
    for (; !listing.error && entry != fs::directory_iterator{}; entry.increment(listing.error)) {
        std::string name = entry->path().filename().string();
        if (!is_policy_file(name)) continue;
        listing.too_many = listing.names.size() == most_files;
        if (listing.too_many) break;
        listing.names.push_back(std::move(name));
    }
    std::sort(listing.names.begin(), listing.names.end());
    return listing;
}

bool is_missing(const std::error_code &error) { return error == std::errc::no_such_file_or_directory; }

void append_directory(std::vector<SourceText> &texts, const std::string &directory, Layer layer, bool must_exist) {
    if (directory.empty() && !must_exist) return;
    const Listing listing = list(directory);
    const bool missing = is_missing(listing.error);
    if (missing && !must_exist) return;
    if (listing.error) {
        const bool closed = listing.error == std::errc::permission_denied;
        texts.push_back(directory_problem(
            directory, layer, reason_of(listing.error) + (closed ? "; make it readable (chmod a+rx)" : "")));
        return;
    }
    if (listing.too_many) {
        texts.push_back(directory_problem(directory, layer,
                                          "more than " + std::to_string(most_files) +
                                              " policy files; put the rules into fewer files"));
        return;
    }
    for (const std::string &name : listing.names) {
        std::optional<SourceText> text = read(fs::path{directory} / name, layer);
        if (!text) continue;
        // Diagnostics, JSON and what `policy show` prints name the file: they are UTF-8.
        if (!can_be_shown(name))
            *text = {text->path, layer, {}, "its name has bytes that are no printable UTF-8; rename it", false};
        texts.push_back(std::move(*text));
    }
}

void append_root_owned(std::vector<SourceText> &texts, const Layers &layers) {
    append_directory(texts, layers.vendor, Layer::vendor, false);
    append_directory(texts, layers.run, Layer::run, false);
    append_directory(texts, layers.etc, Layer::etc, false);
}

std::array<std::pair<const std::string *, Layer>, 4> all_of(const Layers &layers) {
    return {{{&layers.vendor, Layer::vendor},
             {&layers.run, Layer::run},
             {&layers.etc, Layer::etc},
             {&layers.user, Layer::user}}};
}

/// The directory itself, or the nearest one above it that there is.
fs::path nearest(fs::path directory) {
    std::error_code error;
    while (!fs::is_directory(directory, error) && directory.has_parent_path() && directory != directory.parent_path())
        directory = directory.parent_path();
    return directory;
}

} // namespace

std::vector<SourceText> read_layers(const Layers &layers) {
    std::vector<SourceText> texts;
    append_root_owned(texts, layers);
    append_directory(texts, layers.user, Layer::user, false);
    return texts;
}

std::vector<SourceText> read_directory(const std::string &directory, const Layers &layers) {
    std::vector<SourceText> texts;
    append_root_owned(texts, layers);
    append_directory(texts, directory, Layer::directory, true);
    return texts;
}

SourceText read_file(const std::string &path, Layer layer) {
    if (std::optional<SourceText> text = read(path, layer)) return std::move(*text);
    return {shown_path(path), layer, {}, "no such file", false};
}

Layer layer_of(const std::string &path, const Layers &layers) {
    std::error_code error;
    const fs::path directory = fs::weakly_canonical(fs::path{path}, error).parent_path();
    for (const auto &[layer_directory, layer] : all_of(layers))
        if (!layer_directory->empty() && fs::weakly_canonical(*layer_directory, error) == directory) return layer;
    return Layer::etc;
}

std::vector<std::string> directories_to_watch(const Layers &layers) {
    std::set<std::string> directories;
    for (const auto &[directory, layer] : all_of(layers)) {
        if (directory->empty()) continue;
        directories.insert(nearest(*directory).string());
        for (const std::string &name : list(*directory).names) {
            const fs::path path = fs::path{*directory} / name;
            std::error_code error;
            if (!fs::is_symlink(fs::symlink_status(path, error)) || is_null_device(path)) continue;
            const fs::path target = fs::weakly_canonical(path, error);
            if (!error && target.has_parent_path()) directories.insert(nearest(target.parent_path()).string());
        }
    }
    return {directories.begin(), directories.end()};
}

std::string shown_path(std::string_view path) {
    std::string shown;
    while (!path.empty()) {
        const std::size_t length = showable(path);
        if (length > 0) {
            shown += path.substr(0, length);
        } else {
            std::array<char, 8> hexadecimal{};
            std::snprintf(hexadecimal.data(), hexadecimal.size(), "\\x%02x", static_cast<unsigned char>(path.front()));
            shown += hexadecimal.data();
        }
        path.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

std::string too_long() { return "larger than 4 MiB; a policy file is at most that long"; }

} // namespace soundwarden::files
