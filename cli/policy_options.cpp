// SPDX-License-Identifier: MIT
#include "policy_options.hpp"

#include "failure.hpp"
#include "translate.hpp"

namespace soundwarden::cli {

PolicyOptions::PolicyOptions(CLI::App &app)
    : policy_(app.add_subcommand("policy", tr("check, show or try out the policy files; needs no daemon"))),
      check_(policy_->add_subcommand("check", tr("every error and warning in the policy files, like a compiler's"))),
      show_(policy_->add_subcommand("show", tr("the merged policy, with where each part comes from"))),
      test_(policy_->add_subcommand("test", tr("what a load would get at an output, and how that comes about"))) {
    policy_->require_subcommand(1);

    check_->add_option("FILE", files_, tr("only these; '-' is standard input; default: all files of this machine"));
    for (CLI::App *verb : {check_, show_, test_}) add_directory(*verb);

    test_
        ->add_option("OUTPUT-KIND", request_.output,
                     tr("headphone-out, line-out, …, or the name of an [[output]] of the policy"))
        ->required();
    test_
        ->add_option("LOAD", request_.load,
                     tr("headphones, in-ear, active-speakers, …, or the name of a [[load]] of the policy"))
        ->required();
    test_
        ->add_option("--facts", request_.facts,
                     filled(tr("what is known: {0}"), "full-scale=\"1.4 V\" output-impedance=\"10 ohm\" gain-after-dac=\"6 dB\" "
                                                      "channels=2 impedance=\"32 ohm\" "
                                                      "sensitivity=\"97 dB SPL/mW\" rating=\"20 W\""))
        ->type_name("KEY=VALUE …");
    test_
        ->add_option("--class", request_.socket_class,
                     tr("what the output belongs to, where full-scale is not known: sets 1, 1.4, 2 or 4 V"))
        ->type_name("dongle|laptop|desktop|interface");
    test_->add_option("--name", request_.name, tr("what the output is called, for rules with 'output'"))->type_name("NAME");
    test_->add_option("--confidence", request_.confidence, tr("how sure the load is (default certain)"))
        ->type_name("certain|high|medium|low");
    test_->add_option("--posture", request_.posture, tr("instead of the policy's own"))
        ->type_name("observe|protect|strict");
}

void PolicyOptions::add_directory(CLI::App &verb) {
    verb.add_option_function<std::string>(
            "--policy-dir",
            [this](const std::string &directory) {
                directory_ = directory;
                directory_given_ = true;
            },
            tr("read this directory instead of the machine's; locked rules of root's files still bind"))
        ->type_name("DIR");
}

int PolicyOptions::run(const Global &global) const {
    if (directory_given_ && directory_.empty()) throw Failure{exit_usage, tr("--policy-dir: name a directory")};
    if (directory_given_ && !files_.empty()) throw Failure{exit_usage, tr("give either files or --policy-dir, not both")};
    if (check_->parsed()) return run_policy_check(global, directory_, files_);
    if (show_->parsed()) return run_policy_show(global, directory_);
    return run_policy_test(global, directory_, request_);
}

} // namespace soundwarden::cli
