// SPDX-License-Identifier: MIT
#include "host/trace_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/random.h>
#include <system_error>
#include <unistd.h>

namespace soundwarden::host {
namespace {

std::string message_of(int error) { return std::generic_category().message(error); }

/// 0, or what went wrong.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

} // namespace

TraceFile::TraceFile(const std::string &path, std::uint64_t most_bytes)
    : path_(path), most_bytes_(most_bytes), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
    if (descriptor_ >= 0) return;
    trouble_ = errno == EEXIST ? "nothing is recorded: " + path_ + " is there already; remove it or name another file, and start the daemon anew"
                               : "nothing is recorded: " + path_ + " cannot be made: " + message_of(errno);
}

TraceFile::~TraceFile() {
    if (descriptor_ >= 0) close(descriptor_);
}

void TraceFile::append(std::string_view lines) {
    if (descriptor_ < 0) return;
    if (lines.size() > most_bytes_ - bytes_) return end("it has reached " + std::to_string(most_bytes_ >> 20U) + " MiB");
    if (const int error = write_all(descriptor_, lines); error != 0) {
        const int cut = ftruncate(descriptor_, static_cast<off_t>(bytes_)); // a torn line is readable too, so this may fail
        return end(message_of(error) + (cut == 0 ? "" : "; its last line is torn"));
    }
    bytes_ += lines.size();
}

void TraceFile::end(const std::string &why) {
    close(descriptor_);
    descriptor_ = -1;
    trouble_ = "the trace in " + path_ + " ends: " + why + "; for another one start the daemon anew with another file";
}

engine::Degraded TraceFile::trouble() const { return {"trace", trouble_}; }

std::uint32_t random_number() {
    std::uint32_t number = 0;
    // So few bytes come whole, once the machine has started.
    while (getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {}
    return number;
}

} // namespace soundwarden::host
