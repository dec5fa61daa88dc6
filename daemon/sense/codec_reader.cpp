// SPDX-License-Identifier: MIT
#include "codec_reader.hpp"

#include "codec_dump.hpp"
#include "files.hpp"

#include <cerrno>
#include <csignal>
#include <mutex>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace soundwarden::sense {
namespace {

CodecReader::Found read_all(std::uint64_t request, const std::vector<CodecDump> &dumps) {
    CodecReader::Found found{request};
    for (const CodecDump &dump : dumps) {
        const auto text = read_file(dump.file);
        if (!text && text.error == ENOENT) continue; // the card has gone meanwhile
        if (!text) {
            found.troubles.push_back({"codec", dump.file.string(), std::generic_category().message(text.error)});
            continue;
        }
        for (HdaPin &pin : parse_codec_dump(*text.value).pins) found.pins.push_back(std::move(pin));
    }
    return found;
}

/// Signals are the main thread's: a new thread inherits what its maker blocks.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked &) = delete;
    SignalsBlocked &operator=(const SignalsBlocked &) = delete;

  private:
    sigset_t before_{};
};

} // namespace

/// Outlives the reader where a file does not answer.
struct CodecReader::Shared {
    Shared() : descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
    ~Shared() {
        if (descriptor >= 0) close(descriptor);
    }
    Shared(const Shared &) = delete;
    Shared &operator=(const Shared &) = delete;

    void give(Found found) {
        {
            const std::lock_guard lock(mutex);
            ready.push_back(std::move(found));
        }
        eventfd_write(descriptor, 1);
    }
    std::vector<Found> take() {
        const std::lock_guard lock(mutex);
        return std::exchange(ready, {});
    }

    const int descriptor;
    std::mutex mutex;
    std::vector<Found> ready;
};

CodecReader::CodecReader(loop::Loop &loop, std::function<void(Found)> found)
    : found_(std::move(found)), shared_(std::make_shared<Shared>()) {
    if (shared_->descriptor >= 0) io_ = loop.watch(shared_->descriptor, loop::Ready::in, [this](loop::Ready) { heed(); });
}

CodecReader::~CodecReader() = default;

void CodecReader::read(std::uint64_t request, std::vector<CodecDump> dumps) {
    if (dumps.empty()) return;
    if (io_) {
        const SignalsBlocked blocked;
        try {
            std::thread([shared = shared_, request, dumps] { shared->give(read_all(request, dumps)); }).detach();
            return;
        } catch (const std::system_error &) {
            // No more threads: then it takes the main thread's time.
        }
    }
    found_(read_all(request, dumps));
}

void CodecReader::heed() {
    eventfd_t count = 0;
    eventfd_read(shared_->descriptor, &count);
    for (Found &found : shared_->take()) found_(std::move(found));
}

} // namespace soundwarden::sense
