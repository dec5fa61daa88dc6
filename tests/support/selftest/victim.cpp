// SPDX-License-Identifier: MIT
// Makes all a session can have, says "victim DIR PID…" and waits to be killed: see session_test.cpp.
#include "bench/programs.hpp"

#include <iostream>
#include <string>

int main() {
    using namespace soundwarden::bench;
    const Session session;
    SimCard card(session);
    Source source(session);
    source.wait_streaming();
    std::cout << "victim " << session.dir().string();
    for (const Server server : {Server::dbus, Server::pipewire, Server::wireplumber}) std::cout << ' ' << session.pid(server);
    std::cout << ' ' << card.process().pid() << ' ' << source.process().pid() << std::endl;
    std::string line;
    std::getline(std::cin, line);
}
