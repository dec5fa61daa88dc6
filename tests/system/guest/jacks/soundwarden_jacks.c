// SPDX-License-Identifier: MIT OR GPL-2.0
// Real jacks on a card that has none: "Headphone" and "Line Out" as the kernel's own drivers make them, each a control
// ("Headphone Jack") and an input device with a switch. For the virtual machine of the system tests.
//
//   insmod soundwarden_jacks.ko card=0 line_out=1
//   echo 1 >/sys/module/soundwarden_jacks/parameters/headphone
#include <linux/module.h>
#include <sound/core.h>
#include <sound/jack.h>

struct socket_of_card {
	const char *name;
	int type;
	bool plugged;
	struct snd_jack *jack;
};

static struct socket_of_card headphone = { .name = "Headphone", .type = SND_JACK_HEADPHONE };
static struct socket_of_card line_out = { .name = "Line Out", .type = SND_JACK_LINEOUT };
static struct socket_of_card *const all[] = { &headphone, &line_out };
static struct snd_card *owner;

static int plug(const char *text, const struct kernel_param *param)
{
	struct socket_of_card *socket = param->arg;
	int err = kstrtobool(text, &socket->plugged);

	if (!err && socket->jack)
		snd_jack_report(socket->jack, socket->plugged ? socket->type : 0);
	return err;
}

static int tell(char *buffer, const struct kernel_param *param)
{
	const struct socket_of_card *socket = param->arg;

	return sysfs_emit(buffer, "%d\n", socket->plugged);
}

static const struct kernel_param_ops plug_ops = { .set = plug, .get = tell };
module_param_cb(headphone, &plug_ops, &headphone, 0644);
module_param_cb(line_out, &plug_ops, &line_out, 0644);

static int card;
module_param(card, int, 0444);

static void release(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i]->jack)
			snd_device_free(owner, all[i]->jack);
	snd_card_unref(owner);
}

static int __init start(void)
{
	size_t i;

	owner = snd_card_ref(card);
	if (!owner)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		struct socket_of_card *socket = all[i];
		int err = snd_jack_new(owner, socket->name, socket->type, &socket->jack, true, false);

		if (!err)
			err = snd_device_register(owner, socket->jack);
		if (err) {
			release();
			return err;
		}
		snd_jack_report(socket->jack, socket->plugged ? socket->type : 0);
	}
	return 0;
}

static void __exit stop(void)
{
	release();
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Jacks for Soundwarden's system tests");
