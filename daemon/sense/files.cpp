// SPDX-License-Identifier: MIT
#include "files.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace soundwarden::sense {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

} // namespace

Reply<std::string> read_file(const std::filesystem::path &file, std::size_t limit) {
    using Text = Reply<std::string>;
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) return Text::failed(errno);
    if (!S_ISREG(status.st_mode)) return Text::failed(EINVAL);
    const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (descriptor.get() < 0) return Text::failed(errno);
    // It may be another one by now.
    if (fstat(descriptor.get(), &status) != 0) return Text::failed(errno);
    if (!S_ISREG(status.st_mode)) return Text::failed(EINVAL);
    // The kernel's files tell no true size, so it is only known at the end.
    std::string text;
    std::array<char, 4096> piece;
    for (;;) {
        const ssize_t got = read(descriptor.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Text::failed(errno);
        if (got == 0) return reply(std::move(text));
        if (text.size() + static_cast<std::size_t>(got) > limit) return Text::failed(EFBIG);
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
}

std::string read_line(const std::filesystem::path &file) {
    constexpr std::size_t one_page = 4096; // what sysfs gives at most
    const auto text = read_file(file, one_page);
    if (!text) return {};
    return clean_name(std::string_view(*text.value).substr(0, text.value->find('\n')));
}

std::vector<std::string> names_in(const std::filesystem::path &directory) {
    constexpr std::size_t most = 4096;
    std::vector<std::string> names;
    std::error_code error;
    auto entry = std::filesystem::directory_iterator(directory, error);
    for (const auto end = std::filesystem::directory_iterator(); !error && entry != end && names.size() < most; entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::uint32_t> number_after(std::string_view name, std::string_view prefix) {
    return name.starts_with(prefix) ? number_in(name.substr(prefix.size())) : std::nullopt;
}

} // namespace soundwarden::sense
