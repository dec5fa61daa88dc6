// SPDX-License-Identifier: MIT
#include "warden.hpp"

#include "handles.hpp"

#include <pipewire/impl.h>
#include <pipewire/thread.h>
#include <spa/utils/names.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <sched.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

// Above everything that is not real-time, below the data threads (83 and 88); also the most that RTKit gives.
constexpr int priority = 20;
// RTKit is asked in the background: an answer that has not come by then is a refusal.
constexpr unsigned realtime_answer_ms = 1000;
constexpr std::size_t own_stack = 64 * 1024;

/// The main thread may hold it while it waits for a processor: it is lent the warden's priority then.
class PriorityMutex {
  public:
    PriorityMutex() {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
        pthread_mutex_init(&mutex_, &attributes);
        pthread_mutexattr_destroy(&attributes);
    }
    ~PriorityMutex() { pthread_mutex_destroy(&mutex_); }
    PriorityMutex(const PriorityMutex &) = delete;
    PriorityMutex &operator=(const PriorityMutex &) = delete;
    void lock() { pthread_mutex_lock(&mutex_); }
    void unlock() { pthread_mutex_unlock(&mutex_); }

  private:
    pthread_mutex_t mutex_;
};

/// What the two threads hand each other.
struct News {
    bool watching = false;
    bool ended = false;
    std::optional<bool> realtime;
    std::vector<std::pair<Trespass, std::uint32_t>> trespasses;
};

std::uint32_t number(const spa_dict &props, const char *key) {
    const char *text = spa_dict_lookup(&props, key);
    std::uint32_t value = UINT32_MAX;
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), value);
    return value;
}

std::string text(const spa_dict &props, const char *key) {
    const char *value = spa_dict_lookup(&props, key);
    return value != nullptr ? value : "";
}

bool has_realtime() {
    const int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

// Where memory is short, a page that has to be read back first is what makes a link live longer. Refused where the
// limit on locked memory is used up: nothing is lost but that.
void lock_own_pages(void *self, std::size_t size) {
    static_cast<void>(mlock(self, size));
    std::array<volatile char, own_stack> below;
    for (std::size_t at = 0; at < below.size(); at += 1024) below[at] = 0;
    static_cast<void>(mlock(const_cast<char *>(below.data()), below.size()));
}

} // namespace

/// Made and destroyed by the main thread; everything under "warden's" belongs to the other one while it runs.
class Warden::Thread {
  public:
    Thread(pw_loop *main_loop, spa_source *to_main)
        : main_loop_(main_loop), to_main_(to_main), loop_(pw_loop_new(nullptr)),
          watch_({[this](std::uint32_t link) { pw_registry_destroy(registry_.get(), link); },
                  [this](std::uint32_t output, std::uint32_t input) { make(output, input); },
                  [this](Trespass trespass) { tell(std::move(trespass)); },
                  [this](unsigned ms) { arm(patience_timer_, ms); }}) {
        if (loop_ == nullptr) throw std::runtime_error("PipeWire cannot make a loop");
        ordered_ = pw_loop_add_event(
            loop_, [](void *self, std::uint64_t) noexcept { static_cast<Thread *>(self)->take_orders(); }, this);
    }
    ~Thread() {
        if (ordered_ != nullptr) pw_loop_destroy_source(loop_, ordered_);
        pw_loop_destroy(loop_);
    }
    Thread(const Thread &) = delete;
    Thread &operator=(const Thread &) = delete;

    static void *main(void *self) noexcept {
        auto *thread = static_cast<Thread *>(self);
        contained("warden", [&] { thread->run(); });
        thread->tell([](News &news) { news.ended = true; });
        return nullptr;
    }

    // ---- main thread
    void order(WatchOrders orders) {
        {
            const std::lock_guard lock(mutex_);
            std::swap(orders_, orders);
            fresh_ = true;
        }
        pw_loop_signal_event(loop_, ordered_);
    }
    void stop() {
        stop_.store(true, std::memory_order_release);
        pw_loop_signal_event(loop_, ordered_);
    }
    News take_news() {
        const std::lock_guard lock(mutex_);
        return std::exchange(news_, {});
    }

  private:
    struct Wanted;
    void run();
    bool connect();
    void disconnect();
    void take_orders();
    void global(std::uint32_t id, std::string_view type, const spa_dict &props);
    void make(std::uint32_t output, std::uint32_t input);
    void tell(Trespass trespass);
    void arm(spa_source *timer, unsigned ms);
    template <class Change>
    void tell(const Change &change) {
        {
            const std::lock_guard lock(mutex_);
            change(news_);
        }
        wake_main();
    }
    void wake_main() { pw_loop_signal_event(main_loop_, to_main_); }

    // ---- between the two
    PriorityMutex mutex_;
    WatchOrders orders_;
    bool fresh_ = false;
    News news_;
    std::atomic<bool> stop_{false};
    pw_loop *main_loop_;
    spa_source *to_main_;
    pw_loop *loop_;
    spa_source *ordered_ = nullptr;

    // ---- warden's
    LinkWatch watch_;
    bool lost_ = false;
    spa_source *patience_timer_ = nullptr;
    spa_source *priority_timer_ = nullptr;
    ContextPtr context_;
    CorePtr core_;
    Bound<pw_registry> registry_;
    pw_core_events core_events_{};
    pw_registry_events registry_events_{};
    Hook core_hook_;
    Hook registry_hook_;
    int sync_ = -1;
    std::list<Wanted> wanted_;
};

/// A link of ours until the server has answered: it lingers, so then its proxy is of no use.
struct Warden::Thread::Wanted {
    Wanted(Thread &owner, std::uint32_t output_port, std::uint32_t input_port)
        : thread(owner), output(output_port), input(input_port) {}
    ~Wanted() {
        hook.remove();
        if (proxy != nullptr) pw_proxy_destroy(proxy);
    }
    Wanted(const Wanted &) = delete;
    Wanted &operator=(const Wanted &) = delete;

    void answer() {
        answered = true;
        thread.watch_.answered(output, input);
    }

    Thread &thread;
    std::uint32_t output, input;
    pw_proxy *proxy = nullptr;
    bool answered = false;
    Hook hook;
};

void Warden::Thread::run() {
    lock_own_pages(this, sizeof *this);
    pw_loop_enter(loop_);
    patience_timer_ = pw_loop_add_timer(
        loop_,
        [](void *self, std::uint64_t) noexcept {
            contained("warden", [&] { static_cast<Thread *>(self)->watch_.judge_waiting(); });
        },
        this);
    priority_timer_ = pw_loop_add_timer(
        loop_,
        [](void *self, std::uint64_t) noexcept {
            contained("warden",
                      [&] { static_cast<Thread *>(self)->tell([](News &news) { news.realtime = has_realtime(); }); });
        },
        this);
    if (connect()) {
        if (has_realtime())
            tell([](News &news) { news.realtime = true; });
        else
            arm(priority_timer_, realtime_answer_ms);
        while (!stop_.load(std::memory_order_acquire) && !lost_) {
            if (const int result = pw_loop_iterate(loop_, -1); result < 0 && result != -EINTR) break;
            wanted_.remove_if([](const Wanted &wanted) { return wanted.answered; });
        }
    }
    disconnect();
    for (spa_source *timer : {patience_timer_, priority_timer_}) pw_loop_destroy_source(loop_, timer);
    pw_loop_leave(loop_);
}

bool Warden::Thread::connect() {
    // No configuration file: this connection needs the protocol and nothing else.
    context_.reset(pw_context_new(
        loop_, pw_properties_new(PW_KEY_CONFIG_NAME, "null", "context.num-data-loops", "0", nullptr), 0));
    if (!context_ ||
        pw_context_load_module(context_.get(), "libpipewire-module-protocol-native", nullptr, nullptr) == nullptr)
        return false;
    core_.reset(
        pw_context_connect(context_.get(), pw_properties_new(PW_KEY_APP_NAME, "Soundwarden link warden", nullptr), 0));
    if (!core_) return false;
    core_events_.version = PW_VERSION_CORE_EVENTS;
    core_events_.done = [](void *self, std::uint32_t id, int seq) noexcept {
        auto *thread = static_cast<Thread *>(self);
        if (id != PW_ID_CORE || seq != thread->sync_) return;
        thread->watch_.complete();
        thread->tell([](News &news) { news.watching = true; });
    };
    // What could not be destroyed was gone already, a link that could not be made was there already.
    core_events_.error = [](void *self, std::uint32_t id, int, int result, const char *) noexcept {
        if (id == PW_ID_CORE && result == -EPIPE) static_cast<Thread *>(self)->lost_ = true;
    };
    pw_core_add_listener(core_.get(), core_hook_.get(), &core_events_, this);
    registry_ = Bound<pw_registry>(pw_core_get_registry(core_.get(), PW_VERSION_REGISTRY, 0));
    registry_events_.version = PW_VERSION_REGISTRY_EVENTS;
    registry_events_.global = [](void *self, std::uint32_t id, std::uint32_t, const char *type, std::uint32_t,
                                 const spa_dict *props) noexcept {
        if (props != nullptr) contained("warden", [&] { static_cast<Thread *>(self)->global(id, type, *props); });
    };
    registry_events_.global_remove = [](void *self, std::uint32_t id) noexcept {
        contained("warden", [&] { static_cast<Thread *>(self)->watch_.remove(id); });
    };
    pw_registry_add_listener(registry_.get(), registry_hook_.get(), &registry_events_, this);
    sync_ = pw_core_sync(core_.get(), PW_ID_CORE, 0);
    return true;
}

void Warden::Thread::disconnect() {
    wanted_.clear();
    registry_hook_.remove();
    core_hook_.remove();
    registry_.reset();
    core_.reset();
    context_.reset();
}

void Warden::Thread::take_orders() {
    contained("warden", [&] {
        WatchOrders orders;
        {
            const std::lock_guard lock(mutex_);
            if (!std::exchange(fresh_, false)) return;
            orders = orders_;
        }
        watch_.order(std::move(orders)); // the loop turns only while there is a connection
    });
}

void Warden::Thread::global(std::uint32_t id, std::string_view type, const spa_dict &props) {
    if (type == PW_TYPE_INTERFACE_Link)
        watch_.add_link(id, {number(props, PW_KEY_LINK_OUTPUT_NODE), number(props, PW_KEY_LINK_OUTPUT_PORT),
                             number(props, PW_KEY_LINK_INPUT_NODE), number(props, PW_KEY_LINK_INPUT_PORT),
                             number(props, PW_KEY_CLIENT_ID)});
    else if (type == PW_TYPE_INTERFACE_Port)
        watch_.add_port(id,
                        {number(props, PW_KEY_NODE_ID), text(props, PW_KEY_PORT_ID), text(props, PW_KEY_AUDIO_CHANNEL),
                         text(props, PW_KEY_PORT_DIRECTION) == "in", text(props, PW_KEY_PORT_MONITOR) == "true"});
    else if (type == PW_TYPE_INTERFACE_Node)
        watch_.add_node(
            id, {number(props, PW_KEY_CLIENT_ID), text(props, PW_KEY_NODE_NAME), text(props, PW_KEY_MEDIA_CLASS)});
    else if (type == PW_TYPE_INTERFACE_Client)
        watch_.add_client(id, text(props, PW_KEY_APP_NAME));
}

void Warden::Thread::make(std::uint32_t output, std::uint32_t input) {
    static const pw_proxy_events events = [] {
        pw_proxy_events table{};
        table.version = PW_VERSION_PROXY_EVENTS;
        table.bound = [](void *self, std::uint32_t) noexcept { static_cast<Wanted *>(self)->answer(); };
        table.removed = [](void *self) noexcept { static_cast<Wanted *>(self)->answer(); };
        table.error = [](void *self, int, int, const char *) noexcept { static_cast<Wanted *>(self)->answer(); };
        return table;
    }();
    PropertiesPtr properties(pw_properties_new(PW_KEY_OBJECT_LINGER, "true", nullptr));
    pw_properties_setf(properties.get(), PW_KEY_LINK_OUTPUT_PORT, "%u", output);
    pw_properties_setf(properties.get(), PW_KEY_LINK_INPUT_PORT, "%u", input);
    Wanted &wanted = wanted_.emplace_back(*this, output, input);
    wanted.proxy = static_cast<pw_proxy *>(pw_core_create_object(core_.get(), "link-factory", PW_TYPE_INTERFACE_Link,
                                                                 PW_VERSION_LINK, &properties->dict, 0));
    if (wanted.proxy == nullptr)
        wanted.answer();
    else
        pw_proxy_add_listener(wanted.proxy, wanted.hook.get(), &events, &wanted);
}

void Warden::Thread::tell(Trespass trespass) {
    tell([&](News &news) {
        for (auto &[known, times] : news.trespasses)
            if (known.guard == trespass.guard && known.offender == trespass.offender) {
                ++times;
                return;
            }
        news.trespasses.emplace_back(std::move(trespass), 1U);
    });
}

void Warden::Thread::arm(spa_source *timer, unsigned ms) {
    timespec value{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000) * 1'000'000};
    timespec interval{};
    pw_loop_update_timer(loop_, timer, &value, &interval, false);
}

Warden::Warden(MainLoop &loop, pw_context *context, WardenEvents events)
    : main_loop_(loop.raw()), events_(std::move(events)),
      utils_(static_cast<spa_thread_utils *>(pw_context_get_object(context, SPA_TYPE_INTERFACE_ThreadUtils))) {
    if (utils_ == nullptr) utils_ = pw_thread_utils_get();
    heard_ = pw_loop_add_event(
        main_loop_,
        [](void *self, std::uint64_t) noexcept {
            contained("warden's news", [&] { static_cast<Warden *>(self)->hear(); });
        },
        this);
    if (heard_ == nullptr) throw std::runtime_error("the main loop cannot hear the link warden");
    const spa_dict_item item{SPA_KEY_THREAD_NAME, "link-warden"};
    const spa_dict props = SPA_DICT_INIT(&item, 1);
    try {
        thread_ = std::make_unique<Thread>(main_loop_, heard_);
        handle_ = spa_thread_utils_create(utils_, &props, Thread::main, thread_.get());
        if (handle_ == nullptr) throw std::runtime_error("no thread for the link warden");
    } catch (...) {
        pw_loop_destroy_source(main_loop_, heard_);
        throw;
    }
    // Where it is refused the thread says so itself.
    static_cast<void>(spa_thread_utils_acquire_rt(utils_, handle_, priority));
}

Warden::~Warden() {
    thread_->stop();
    spa_thread_utils_join(utils_, handle_, nullptr);
    pw_loop_destroy_source(main_loop_, heard_);
}

void Warden::order(WatchOrders orders) { thread_->order(std::move(orders)); }

void Warden::hear() {
    const News news = thread_->take_news();
    if (news.watching) events_.watching();
    if (news.realtime) events_.realtime(*news.realtime);
    for (const auto &[trespass, times] : news.trespasses) events_.trespass(trespass, times);
    if (news.ended) events_.ended();
}

} // namespace soundwarden::pipewire_adapter
