// SPDX-License-Identifier: MIT
#include "injection.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <set>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::fault {
namespace {

[[noreturn]] void fail(const std::filesystem::path &file) { throw std::system_error(errno, std::generic_category(), file.string()); }

std::string text_of(const Record &record) {
    const char *error = record.error == cut_short ? "short" : strerrorname_np(record.error);
    return std::string(facts(record.call).name) + '#' + std::to_string(record.number) + ' ' + (error == nullptr ? "?" : error);
}

} // namespace

Injection::Injection(std::filesystem::path file, std::uint64_t seed) : file_(std::move(file)) {
    const int descriptor = open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(file_);
    void *mapped = MAP_FAILED;
    if (ftruncate(descriptor, sizeof(Page)) == 0) mapped = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    const int error = errno;
    close(descriptor);
    errno = error;
    if (mapped == MAP_FAILED) fail(file_);
    page_ = new (mapped) Page;
    page_->seed = seed;
}

Injection::~Injection() { munmap(page_, sizeof(Page)); }

bench::Process::Environment Injection::environment() const {
    return {{"LD_PRELOAD", SOUNDWARDEN_FAULT_INJECTOR}, {page_variable, file_.string()}};
}

void Injection::start(std::uint32_t classes, std::uint32_t one_in) {
    for (std::size_t each = 0; each < page_->one_in.size(); ++each) page_->one_in[each] = one_in == 0 ? usual_one_in[each] : one_in;
    page_->classes = classes;
}

void Injection::stop() { page_->classes = 0; }

void Injection::move_clock(std::chrono::seconds by) { page_->realtime_offset_ns += std::chrono::nanoseconds(by).count(); }

std::vector<Record> Injection::records() const {
    const auto count = std::min(page_->recorded.load(), Page::most_records);
    return {page_->records.begin(), page_->records.begin() + count};
}

std::uint64_t Injection::failed() const {
    const auto all = records();
    return static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), [](const Record &each) { return each.error != 0; }));
}

std::string Injection::text() const {
    std::string text;
    for (const Record &record : records())
        if (record.error != 0) text += (text.empty() ? "" : ", ") + text_of(record);
    if (page_->recorded > Page::most_records) text += ", …";
    return text.empty() ? "none" : text;
}

std::uint32_t Injection::one_in(Call call) const { return page_->one_in[static_cast<std::size_t>(facts(call).of)]; }

std::string Injection::deviation() const {
    for (const Record &record : records())
        if (!planned(page_->seed, record.call, record.number, one_in(record.call))) return text_of(record) + " was not planned";
    return {};
}

std::string Injection::omission() const {
    std::set<std::pair<Call, std::uint64_t>> happened;
    for (const Record &record : records()) happened.emplace(record.call, record.number);
    for (std::size_t each = 0; each < calls.size(); ++each) {
        const auto call = static_cast<Call>(each);
        for (std::uint64_t number = 0; number < made(call); ++number)
            if (planned(page_->seed, call, number, one_in(call)) && !happened.contains({call, number}))
                return std::string(calls[each].name) + '#' + std::to_string(number) + " did not fail";
    }
    return {};
}

} // namespace soundwarden::fault
