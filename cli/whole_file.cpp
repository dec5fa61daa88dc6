// SPDX-License-Identifier: MIT
#include "whole_file.hpp"

#include "failure.hpp"
#include "translate.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::cli {
namespace {

[[noreturn]] void fail(const std::string &path, int error) {
    throw Failure{exit_failed, filled(tr("cannot write {0}: {1}"), path, std::generic_category().message(error))};
}

class OpenFile {
  public:
    explicit OpenFile(int number) : number_(number) {}
    OpenFile(const OpenFile &) = delete;
    OpenFile &operator=(const OpenFile &) = delete;
    ~OpenFile() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }
    /// Some file systems say only now that there was no room. 0, or the error.
    int close() { return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno; }

  private:
    int number_;
};

/// 0, or the error.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = write(descriptor, text.data(), text.size());
        if (written >= 0) text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR) return errno;
    }
    return 0;
}

/// What open(2) would give a new file.
mode_t usual_mode() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/// 0, or the error.
int fill(OpenFile &file, std::string_view text, mode_t mode) {
    if (const int error = write_all(file.number(), text)) return error;
    if (fchmod(file.number(), mode) != 0 || fsync(file.number()) != 0) return errno;
    return file.close();
}

void write_through(const std::string &path, std::string_view text) {
    OpenFile file{open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
    if (file.number() < 0) fail(path, errno);
    if (const int error = write_all(file.number(), text)) fail(path, error);
    if (const int error = file.close()) fail(path, error);
}

} // namespace

void write_whole_file(const std::string &path, std::string_view text) {
    struct stat there {};
    const bool exists = stat(path.c_str(), &there) == 0;
    if (!exists && errno != ENOENT) fail(path, errno);
    if (exists && !S_ISREG(there.st_mode)) return write_through(path, text);
    std::string target = path;
    if (exists) {
        const std::unique_ptr<char, decltype(&std::free)> real{realpath(path.c_str(), nullptr), &std::free};
        if (!real) fail(path, errno);
        target = real.get();
    }
    const auto slash = target.rfind('/');
    std::string beside = (slash == std::string::npos ? std::string{} : target.substr(0, slash + 1)) + ".soundwarden-XXXXXX";
    OpenFile file{mkostemp(beside.data(), O_CLOEXEC)};
    if (file.number() < 0) fail(path, errno);
    int error = fill(file, text, exists ? there.st_mode & 07777 : usual_mode());
    if (error == 0 && rename(beside.c_str(), target.c_str()) != 0) error = errno;
    if (error == 0) return;
    unlink(beside.c_str());
    fail(path, error);
}

} // namespace soundwarden::cli
