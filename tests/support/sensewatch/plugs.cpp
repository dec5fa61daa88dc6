// SPDX-License-Identifier: MIT
// Jacks without hardware, for the tests in the virtual machine; needs root, or whoever may write to the nodes.
//
//   soundwarden-plugs control CARD NAME     a control of a program's own (interface CARD, boolean), as on snd-dummy
//   soundwarden-plugs input NAME PHYS       an input device with switches of a headset and a play button (uinput)
//
// Each line on stdin is done, and repeated on stdout when it is: "in", "out", for an input also "button". Ends with stdin, and what it
// made with it.
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using Do = std::function<bool(std::string_view)>;

int serve(const Do &act) {
    std::printf("ready\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
        if (!act(line)) {
            std::fprintf(stderr, "\"%s\": %s\n", line.c_str(), std::strerror(errno));
            return EXIT_FAILURE;
        }
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }
    return EXIT_SUCCESS;
}

int control(const std::string &card, const char *name) {
    snd_ctl_t *opened = nullptr;
    if (snd_ctl_open(&opened, ("hw:" + card).c_str(), 0) < 0) return EXIT_FAILURE;
    snd_ctl_elem_id_t *id = nullptr;
    snd_ctl_elem_info_t *info = nullptr;
    snd_ctl_elem_value_t *value = nullptr;
    snd_ctl_elem_id_alloca(&id);
    snd_ctl_elem_info_alloca(&info);
    snd_ctl_elem_value_alloca(&value);
    snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_CARD);
    snd_ctl_elem_id_set_name(id, name);
    snd_ctl_elem_info_set_id(info, id);
    if (snd_ctl_add_boolean_elem_set(opened, info, 1, 1) < 0) return EXIT_FAILURE;
    const int code = serve([&](std::string_view line) {
        snd_ctl_elem_value_set_id(value, id);
        snd_ctl_elem_value_set_boolean(value, 0, line == "in" ? 1 : 0);
        return snd_ctl_elem_write(opened, value) >= 0;
    });
    snd_ctl_elem_remove(opened, id);
    snd_ctl_close(opened);
    return code;
}

bool send(int device, unsigned type, unsigned code, int value) {
    input_event event{};
    event.type = static_cast<decltype(event.type)>(type);
    event.code = static_cast<decltype(event.code)>(code);
    event.value = value;
    return write(device, &event, sizeof event) == static_cast<ssize_t>(sizeof event);
}

int input(const std::string &name, const char *phys) {
    const int device = open("/dev/uinput", O_WRONLY | O_CLOEXEC);
    if (device < 0) {
        std::perror("/dev/uinput");
        return EXIT_FAILURE;
    }
    uinput_setup setup{};
    setup.id.bustype = BUS_VIRTUAL;
    name.copy(setup.name, sizeof setup.name - 1);
    const auto made = [&](unsigned long request, auto value) { return ioctl(device, request, value) >= 0; };
    if (!made(UI_SET_EVBIT, EV_SW) || !made(UI_SET_SWBIT, SW_HEADPHONE_INSERT) || !made(UI_SET_SWBIT, SW_MICROPHONE_INSERT) ||
        !made(UI_SET_EVBIT, EV_KEY) || !made(UI_SET_KEYBIT, KEY_PLAYPAUSE) || !made(UI_SET_PHYS, phys) || !made(UI_DEV_SETUP, &setup) ||
        !made(UI_DEV_CREATE, 0)) {
        std::perror("the input device");
        return EXIT_FAILURE;
    }
    const int code = serve([&](std::string_view line) {
        const auto report = [&] { return send(device, EV_SYN, SYN_REPORT, 0); };
        const auto key = [&](int value) { return send(device, EV_KEY, KEY_PLAYPAUSE, value) && report(); };
        if (line == "button") return key(1) && key(0);
        const int on = line == "in" ? 1 : 0;
        return send(device, EV_SW, SW_HEADPHONE_INSERT, on) && send(device, EV_SW, SW_MICROPHONE_INSERT, on) && report();
    });
    ioctl(device, UI_DEV_DESTROY);
    close(device);
    return code;
}

} // namespace

int main(int count, char **arguments) {
    if (count == 4 && std::string_view(arguments[1]) == "control") return control(arguments[2], arguments[3]);
    if (count == 4 && std::string_view(arguments[1]) == "input") return input(arguments[2], arguments[3]);
    std::fprintf(stderr, "usage: soundwarden-plugs control CARD NAME | input NAME PHYS\n");
    return 2;
}
