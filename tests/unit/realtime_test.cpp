// SPDX-License-Identifier: MIT
// What runs on the data thread, as the adapter runs it, makes no system call (Linux: PR_SET_SYSCALL_USER_DISPATCH) and nothing that the
// RealtimeSanitizer knows to be unfit. Must hold 7 of the limiter; the memory is watched in the other unit tests.
#include "limiter_test_world.hpp"
#include "signal_path.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

#ifdef SOUNDWARDEN_RTSAN
extern "C" {
void __rtsan_init();
void __rtsan_realtime_enter();
void __rtsan_realtime_exit();
}
#endif

namespace soundwarden::test {
namespace {

constexpr std::uint32_t rate = 48000;

/// A buffer as PipeWire hands it over: one plane a channel.
class Buffer {
  public:
    explicit Buffer(Channels samples) : samples_(std::move(samples)), chunks_(samples_.size()), planes_(samples_.size()) {
        for (std::size_t c = 0; c < samples_.size(); ++c) {
            planes_[c].data = samples_[c].data();
            planes_[c].maxsize = static_cast<std::uint32_t>(samples_[c].size() * sizeof(float));
            planes_[c].chunk = &chunks_[c];
        }
        buffer_.n_datas = static_cast<std::uint32_t>(planes_.size());
        buffer_.datas = planes_.data();
        handed_.buffer = &buffer_;
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    pw_buffer *of(std::uint32_t frames) noexcept {
        for (spa_chunk &chunk : chunks_) chunk = {0, frames * static_cast<std::uint32_t>(sizeof(float)), sizeof(float), 0};
        handed_.requested = frames;
        return &handed_;
    }

  private:
    Channels samples_;
    std::vector<spa_chunk> chunks_;
    std::vector<spa_data> planes_;
    spa_buffer buffer_{};
    pw_buffer handed_{};
};

/// Everything that the data thread does with a guard, in steps: blocks, targets, pauses, a change of rate and mode, meters. Two of the four
/// channels are guarded.
class DataThread {
  public:
    explicit DataThread(dsp::LimiterMode mode)
        : mode_(mode), path_({.channels = channels, .rate_hz = rate, .mode = mode}, {0, 1}, targets(0), 1.0), in_(signal()),
          out_(Channels(channels, std::vector<float>(longest))) {
        position_.clock.rate = {1, rate};
        position_.clock.nsec = 1'000'000'000;
        path_.set_position(&position_);
    }

    static constexpr unsigned steps = 900;

    /// Main thread, between the steps.
    void prepare(unsigned step) {
        path_.post(targets(step));
        if (step % 40 == 20) path_.watched();
        if (step % 130 == 65) path_.stopped();
        if (step % 90 == 45) path_.play_cue(std::vector<float>(channels, 0.1F));
        if (step > 300) return; // the governor hears whole seconds
        if (step % 50 == 25) path_.rebuild({.channels = channels, .rate_hz = step % 100 == 25 ? 44100U : rate, .mode = mode_});
        if (step % 60 == 30) path_.rebuild({.channels = channels, .rate_hz = rate, .mode = dsp::LimiterMode::smooth});
    }
    /// Data thread.
    void step(unsigned step) noexcept {
        const std::uint32_t frames = step % 3 == 0 ? 61 : longest;
        position_.clock.duration = frames;
        position_.clock.nsec += frames * 1'000'000'000ULL / rate + (step % 100 == 0 ? 3'000'000'000ULL : 0);
        path_.run(step % 7 == 0 ? nullptr : in_.of(frames), out_.of(frames));
    }
    /// Main thread, when no step runs.
    float governor() { return path_.meter().governor; }

  private:
    static constexpr std::uint32_t longest = 1024, channels = 4;
    static Channels signal() {
        Channels samples{uneven_noise(longest, 3), uneven_noise(longest, 5), uneven_noise(longest, 7), uneven_noise(longest, 9)};
        samples[1][100] = samples[3][100] = std::numeric_limits<float>::quiet_NaN();
        samples[1][200] = 1e-40F;
        return samples;
    }
    static dsp::GuardTargets targets(unsigned step) {
        dsp::GuardTargets to;
        to.generation = step + 1;
        to.gain = step % 2 == 0 ? 0.9F : 0.2F;
        to.ceiling = step % 5 == 0 ? 0.1F : 0.9F;
        to.rise_db_per_s = 30.0F;
        to.rescale_db = -0.01 * step;
        to.makeup = step % 11 == 0 ? 8.0F : 1.0F;
        to.governor_dbfs = -90.0;
        return to;
    }

    dsp::LimiterMode mode_;
    pipewire_adapter::SignalPath path_;
    Buffer in_;
    Buffer out_;
    spa_io_position position_{};
};

constexpr dsp::LimiterMode modes[] = {dsp::LimiterMode::guard, dsp::LimiterMode::low, dsp::LimiterMode::standard, dsp::LimiterMode::smooth};

// ---- system calls

#if defined(PR_SET_SYSCALL_USER_DISPATCH) && defined(__x86_64__)
volatile char selector = SYSCALL_DISPATCH_FILTER_ALLOW; // the kernel reads it
volatile std::sig_atomic_t caught = 0;

void on_system_call(int, siginfo_t *info, void *) {
    selector = SYSCALL_DISPATCH_FILTER_ALLOW; // also for the way back from here
    caught = info->si_syscall == 0 ? -1 : info->si_syscall;
}

class SystemCalls : public testing::Test {
  protected:
    void SetUp() override {
        struct sigaction action {};
        action.sa_sigaction = on_system_call;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSYS, &action, &before_);
        if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0UL, 0UL, &selector) != 0) GTEST_SKIP() << "the kernel cannot dispatch system calls";
    }
    void TearDown() override {
        prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0UL, 0UL, 0UL);
        sigaction(SIGSYS, &before_, nullptr);
    }
    /// The first system call that `work` made; 0: none (read, number 0, is told as −1).
    template <class Work> static int made_by(Work work) {
        caught = 0;
        selector = SYSCALL_DISPATCH_FILTER_BLOCK;
        work();
        selector = SYSCALL_DISPATCH_FILTER_ALLOW;
        return static_cast<int>(caught);
    }

  private:
    struct sigaction before_ {};
};

TEST_F(SystemCalls, OfAProgramThatMakesOneAreSeen) {
    EXPECT_EQ(made_by([] { syscall(SYS_getppid); }), SYS_getppid);
    EXPECT_EQ(made_by([] {}), 0);
}

TEST_F(SystemCalls, AreNotMadeOnTheDataThread) {
    for (const dsp::LimiterMode mode : modes) {
        DataThread thread(mode);
        for (unsigned step = 0; step < DataThread::steps; ++step) {
            thread.prepare(step);
            ASSERT_EQ(made_by([&] { thread.step(step); }), 0) << "step " << step << ", mode " << static_cast<int>(mode);
        }
        EXPECT_LT(thread.governor(), 1.0F);
    }
}
#else
TEST(SystemCalls, AreNotMadeOnTheDataThread) { GTEST_SKIP() << "no dispatch of system calls on this processor"; }
#endif

// ---- RealtimeSanitizer

#ifdef SOUNDWARDEN_RTSAN
template <class Work> void in_real_time(Work work) {
    __rtsan_realtime_enter();
    work();
    __rtsan_realtime_exit();
}

TEST(RealtimeSanitizerDeathTest, FindsAnAllocationAndALock) {
    __rtsan_init();
    // Volatile, or a compiler leaves both out.
    static void *volatile memory = nullptr;
    EXPECT_DEATH(in_real_time([] {
                     memory = std::malloc(100);
                     std::free(memory);
                 }),
                 "malloc");
    static std::mutex mutex;
    EXPECT_DEATH(in_real_time([] { mutex.lock(); }), "pthread_mutex_lock");
}

TEST(RealtimeSanitizer, FindsNothingOnTheDataThread) {
    __rtsan_init();
    for (const dsp::LimiterMode mode : modes) {
        DataThread thread(mode);
        for (unsigned step = 0; step < DataThread::steps; ++step) {
            thread.prepare(step);
            in_real_time([&] { thread.step(step); });
        }
        EXPECT_LT(thread.governor(), 1.0F);
    }
}
#else
TEST(RealtimeSanitizer, FindsNothingOnTheDataThread) { GTEST_SKIP() << "no RealtimeSanitizer runtime (libclang-rt-19-dev)"; }
#endif

} // namespace
} // namespace soundwarden::test
