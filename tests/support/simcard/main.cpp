// SPDX-License-Identifier: MIT
// soundwarden-simcard: simulated sound cards as an ordinary PipeWire client.
//
// Commands on standard input, one a line; each is answered by {"event":"ok","command":…} or {"event":"error",…} after
// its effects were announced. A leading "@CARD" names the card; without it the first card is meant.
//   jack NAME in|out            a plug, with everything that changes at once
//   route NAME yes|no|unknown   one port alone
//   volume V                    the card's own knob, linear
//   profile NAME                as if the driver had changed it
//   add NAME PRESET [KEY[=VALUE]…]   keys: channels rate format speed hw-volume no-routes no-lockstep
//   add [NAME]                  a removed card comes back
//   remove [NAME]
//   connect                     after "disconnected": connects again and plugs in every card that was there
//   stat
//   quit                        as does the end of the input
#include "card.hpp"
#include "events.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <csignal>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace soundwarden::bench {
namespace {

/// The connection; everything made with it must be gone before it.
class Client {
  public:
    Client(pw_main_loop *loop, std::function<void()> on_disconnect) : on_disconnect_(std::move(on_disconnect)) {
        // Not real time: a free-running card would take a core for itself.
        context_ = pw_context_new(pw_main_loop_get_loop(loop), pw_properties_new("module.rt", "false", nullptr), 0);
        if (context_ == nullptr) throw std::runtime_error("no PipeWire context");
        core_ = pw_context_connect(context_, pw_properties_new(PW_KEY_APP_NAME, "soundwarden-simcard", nullptr), 0);
        if (core_ == nullptr) {
            pw_context_destroy(context_);
            throw std::runtime_error("cannot connect to PipeWire");
        }
        static const pw_core_events events = [] {
            pw_core_events table{};
            table.version = PW_VERSION_CORE_EVENTS;
            table.error = [](void *data, std::uint32_t id, int, int result, const char *message) {
                print_event({{"event", "core-error"}, {"id", id}, {"result", result}, {"message", message}});
                if (id == PW_ID_CORE && result == -EPIPE) static_cast<Client *>(data)->on_disconnect_();
            };
            return table;
        }();
        pw_core_add_listener(core_, &listener_, &events, this);
    }
    ~Client() {
        spa_hook_remove(&listener_);
        pw_core_disconnect(core_);
        pw_context_destroy(context_);
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    pw_context *context() { return context_; }
    pw_core *core() { return core_; }

  private:
    std::function<void()> on_disconnect_;
    pw_context *context_ = nullptr;
    pw_core *core_ = nullptr;
    spa_hook listener_{};
};

std::vector<std::uint32_t> parse_rates(const std::string &text) {
    std::vector<std::uint32_t> rates;
    std::istringstream stream(text);
    for (std::string rate; std::getline(stream, rate, ',');)
        rates.push_back(static_cast<std::uint32_t>(std::stoul(rate)));
    if (rates.empty()) throw std::invalid_argument("no rate");
    return rates;
}

/// One "key" or "key=value" of the command line or of "add".
void apply_setting(CardConfig &config, const std::string &setting) {
    const auto equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : setting.substr(equals + 1);
    if (key == "channels")
        config.channels = static_cast<std::uint32_t>(std::stoul(value));
    else if (key == "rate")
        config.rates = parse_rates(value);
    else if (key == "speed")
        config.speed = std::stod(value);
    else if (key == "hw-volume")
        config.options.hardware_volume = true;
    else if (key == "no-routes")
        config.options.no_routes = true;
    else if (key == "no-lockstep")
        config.lockstep = false;
    else if (key == "format" && value == "f32")
        config.format = SampleFormat::f32;
    else if (key == "format" && value == "s16")
        config.format = SampleFormat::s16;
    else if (key == "format" && value == "s32")
        config.format = SampleFormat::s32;
    else
        throw std::invalid_argument("unknown setting " + setting);
}

class Application {
  public:
    Application(CardConfig defaults, const std::string &record)
        : defaults_(std::move(defaults)), loop_(pw_main_loop_new(nullptr)), recordings_(record) {
        pw_loop *loop = pw_main_loop_get_loop(loop_);
        // Before any context: they block the signals for the threads that it makes.
        for (const int signal : {SIGTERM, SIGINT})
            pw_loop_add_signal(
                loop, signal, [](void *self, int) { static_cast<Application *>(self)->quit(); }, this);
        pw_loop_add_io(
            loop, STDIN_FILENO, SPA_IO_IN | SPA_IO_HUP, false,
            [](void *self, int, std::uint32_t) { static_cast<Application *>(self)->read_commands(); }, this);
        disconnected_ = pw_loop_add_event(
            loop, [](void *self, std::uint64_t) { static_cast<Application *>(self)->drop_connection(); }, this);
    }
    ~Application() {
        cards_.clear();
        client_.reset();
        pw_main_loop_destroy(loop_);
    }
    Application(const Application &) = delete;
    Application &operator=(const Application &) = delete;

    void add(const std::string &name, const CardConfig &config) {
        if (cards_.contains(name)) throw std::invalid_argument("there is a card " + name);
        if (!client_) throw std::runtime_error("not connected");
        CardConfig named = config;
        named.options.name = name;
        cards_[name] = std::make_unique<Card>(name, named, client_->context(), client_->core(), recordings_);
        if (!known_.contains(name)) order_.push_back(name);
        known_.insert_or_assign(name, named);
    }

    void connect() {
        if (client_) throw std::runtime_error("already connected");
        client_ = std::make_unique<Client>(loop_, [this] {
            pw_loop_signal_event(pw_main_loop_get_loop(loop_), disconnected_); // not from inside the core's event
        });
        for (const std::string &name : std::exchange(lost_, {})) add(name, known_.at(name));
    }

    int run() {
        pw_main_loop_run(loop_);
        return 0;
    }

  private:
    void quit() { pw_main_loop_quit(loop_); }

    void drop_connection() {
        if (!client_) return;
        for (const auto &[name, card] : cards_) lost_.push_back(name);
        cards_.clear();
        client_.reset();
        print_event({{"event", "disconnected"}});
    }

    void read_commands() {
        std::array<char, 4096> chunk;
        const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count <= 0) return quit();
        input_.append(chunk.data(), static_cast<std::size_t>(count));
        for (std::size_t end; (end = input_.find('\n')) != std::string::npos;) {
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            execute(line);
        }
    }

    void execute(const std::string &line) {
        std::istringstream words(line);
        std::vector<std::string> arguments;
        for (std::string word; words >> word;) arguments.push_back(word);
        if (arguments.empty()) return;
        std::string card = order_.empty() ? "" : order_.front();
        if (arguments[0].starts_with('@')) {
            card = arguments[0].substr(1);
            arguments.erase(arguments.begin());
        }
        arguments.resize(std::max<std::size_t>(arguments.size(), 3));
        try {
            if (!execute(card, arguments)) throw std::invalid_argument("no such thing");
            print_event({{"event", "ok"}, {"command", line}});
        } catch (const std::exception &error) {
            print_event({{"event", "error"}, {"command", line}, {"message", error.what()}});
        }
    }

    bool execute(const std::string &name, const std::vector<std::string> &arguments) {
        const std::string &verb = arguments[0];
        if (verb == "quit") return quit(), true;
        if (verb == "connect") return connect(), true;
        if (verb == "stat") return statistics(), true;
        if (verb == "remove") return cards_.erase(arguments[1].empty() ? name : arguments[1]) > 0;
        if (verb == "add") return add_command(name, arguments), true;
        const auto found = cards_.find(name);
        if (found == cards_.end()) throw std::invalid_argument("no card " + name);
        Card &card = *found->second;
        if (verb == "jack" && (arguments[2] == "in" || arguments[2] == "out"))
            return card.set_jack(arguments[1], arguments[2] == "in");
        if (verb == "route") {
            // Route names may hold blanks ("[Out] Line1"): the last word is the availability.
            std::string route = arguments[1];
            for (std::size_t i = 2; i + 1 < arguments.size(); ++i) route += ' ' + arguments[i];
            const auto available = availability_from(arguments.back());
            return available && card.set_route(route, *available);
        }
        if (verb == "volume") return card.turn_knob(std::stof(arguments[1]));
        if (verb == "profile") return card.set_profile(arguments[1]);
        throw std::invalid_argument("unknown command " + verb);
    }

    void add_command(const std::string &first, const std::vector<std::string> &arguments) {
        const std::string name = arguments[1].empty() ? first : arguments[1];
        if (arguments[2].empty()) return add(name, known_.at(name));
        CardConfig config = defaults_;
        config.preset = arguments[2];
        for (std::size_t i = 3; i < arguments.size(); ++i) apply_setting(config, arguments[i]);
        add(name, config);
    }

    void statistics() {
        nlohmann::json cards = nlohmann::json::array();
        for (const auto &[name, card] : cards_) cards.push_back(card->statistics());
        print_event({{"event", "stat"}, {"cards", std::move(cards)}});
    }

    CardConfig defaults_;
    pw_main_loop *loop_;
    spa_source *disconnected_ = nullptr;
    std::string input_;
    Recordings recordings_;
    std::unique_ptr<Client> client_;
    std::map<std::string, CardConfig> known_;
    std::vector<std::string> order_; ///< of all cards there ever were; the first is the one meant without a name
    std::vector<std::string> lost_;  ///< with the connection
    std::map<std::string, std::unique_ptr<Card>> cards_;
};

int run(int argc, char **argv) {
    CLI::App options{"Simulated sound cards as a PipeWire client; commands on standard input"};
    CardConfig config;
    std::string name;
    std::string record;
    std::string rate = "48000";
    std::string format = "f32";
    bool bare = false;
    bool empty = false;
    bool no_lockstep = false;
    std::vector<std::string> node_properties;
    options.add_option("--preset", config.preset,
                       "laptop, desktop, usb-headset, usb-interface, hdmi, bluetooth-headset, bare");
    options.add_flag("--bare", bare, "a hardware-like sink without any device; as --preset bare");
    options.add_flag("--empty", empty, "no card yet");
    options.add_option("--name", name, "the card's name: device.name is alsa_card.NAME (default: the preset's name)");
    options.add_option("--channels", config.channels, "1 to 8");
    options.add_option("--rate", rate, "what the hardware can do, \"48000,44100,…\"");
    options.add_option("--format", format, "f32, s16, s32");
    options.add_option("--speed", config.speed, "N times real time; 0: as fast as the graph can");
    options.add_flag("--hw-volume", config.options.hardware_volume, "the mixer does the volume");
    options.add_flag("--no-routes", config.options.no_routes, "a card without any route");
    options.add_flag("--no-lockstep", no_lockstep, "the clock does not wait for a late graph: xruns are possible");
    options.add_option("--node-property", node_properties, "KEY=VALUE for the sink nodes; may be repeated")->allow_extra_args(false);
    options.add_option("--record", record, "directory for CARD-DEVICE.raw and .idx");
    CLI11_PARSE(options, argc, argv);
    config.rates = parse_rates(rate);
    config.lockstep = !no_lockstep;
    for (const auto &property : node_properties) {
        const auto equals = property.find('=');
        if (equals == std::string::npos) throw std::invalid_argument(property + " is not KEY=VALUE");
        config.node_properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
    }
    if (bare) config.preset = "bare";
    apply_setting(config, "format=" + format);

    Application application(config, record);
    application.connect();
    if (!empty) application.add(name.empty() ? config.preset : name, config);
    print_event({{"event", "ready"}});
    return application.run();
}

} // namespace
} // namespace soundwarden::bench

int main(int argc, char **argv) {
    pw_init(&argc, &argv);
    int result = 1;
    try {
        result = soundwarden::bench::run(argc, argv);
    } catch (const std::exception &error) {
        soundwarden::bench::print_event({{"event", "fatal"}, {"message", error.what()}});
    }
    pw_deinit();
    return result;
}
