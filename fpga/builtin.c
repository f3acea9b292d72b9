// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends for cards without a control device: a hot reset, a power cycle of the slot or
 * registers of a function make them load, or somebody outside does.
 *
 * None of them comes or goes with the card's functions: they are somebody's who
 * says that there is such a card below a port.
 */

#include <linux/kobject.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "card.h"
#include "registers.h"

/**
 * struct fpga_card_builtin - a back end without a control device
 * @card: the card; the reference is that of fpga_card_attach()
 * @registers: how the card is made to load by registers
 * @addresses: for that, what its sequence may need of each image; NULL without
 * @count: number of @images
 * @images: the images that the card can load
 */
struct fpga_card_builtin {
	struct fpga_card *card;
	struct fpga_card_registers registers;
	u64 *addresses;
	unsigned int count;
	struct fpga_card_image images[];
};

static int fpga_card_builtin_images(void *priv, struct fpga_card_image *images,
				    unsigned int max)
{
	struct fpga_card_builtin *builtin = priv;
	unsigned int i;

	for (i = 0; i < builtin->count && i < max; i++)
		images[i] = builtin->images[i];
	return builtin->count;
}

/* fpga_card_start() makes the card load, so there is nothing to trigger. */
static int fpga_card_builtin_no_trigger(void *priv, const char *name,
					bool staged)
{
	return 0;
}

/* Whoever can, by whatever means, is to have the card load @name. */
static int fpga_card_builtin_call_outside(void *priv, const char *name,
					  bool staged)
{
	struct fpga_card_builtin *builtin = priv;
	struct fpga_card *card = builtin->card;
	char image[sizeof("FPGA_CARD_IMAGE=") + FPGA_CARD_NAME_MAX];
	char *env[3] = { "FPGA_CARD_STATE=load", image, NULL };
	int ret = -ENODEV;

	snprintf(image, sizeof(image), "FPGA_CARD_IMAGE=%s", name);
	mutex_lock(&card->lock);
	if (card->registered)
		ret = kobject_uevent_env(&card->region->dev.kobj, KOBJ_CHANGE,
					 env);
	mutex_unlock(&card->lock);
	return ret;
}

static u64 fpga_card_builtin_address(const struct fpga_card_builtin *builtin,
				     const char *name)
{
	unsigned int i;

	for (i = 0; i < builtin->count; i++) {
		if (!strcmp(builtin->images[i].name, name))
			return builtin->addresses[i];
	}
	return 0;
}

/* Says the fault that was found, if one was. */
static int fpga_card_builtin_wrong(struct fpga_card_builtin *builtin, int err,
				   const struct fpga_card_fault *fault)
{
	if (err)
		fpga_card_reason(builtin->card, "%s", fault->why);
	return err;
}

static int fpga_card_builtin_check_registers(void *priv, const char *name)
{
	struct fpga_card_builtin *builtin = priv;
	u64 address = fpga_card_builtin_address(builtin, name);
	struct fpga_card_fault fault;
	int ret;

	ret = fpga_card_registers_check(&builtin->registers, &address, 1, &fault);
	return fpga_card_builtin_wrong(builtin, ret, &fault);
}

static struct pci_dev *fpga_card_builtin_keeps(void *priv)
{
	struct fpga_card_builtin *builtin = priv;

	return fpga_card_registers_get(&builtin->registers);
}

static int fpga_card_builtin_run_sequence(void *priv, const char *name, bool staged)
{
	struct fpga_card_builtin *builtin = priv;
	u64 address = fpga_card_builtin_address(builtin, name);
	struct fpga_card_fault fault;
	int ret;

	ret = fpga_card_registers_run(&builtin->registers, address, &fault);
	return fpga_card_builtin_wrong(builtin, ret, &fault);
}

static int fpga_card_builtin_describe_sequence(void *priv, const char *name, char *buf,
					       size_t len)
{
	struct fpga_card_builtin *builtin = priv;

	return fpga_card_registers_describe(&builtin->registers,
					    fpga_card_builtin_address(builtin, name),
					    buf, len);
}

/* None of these cards can be asked what it runs, so there is no running(). */
static const struct fpga_card_ops fpga_card_builtin_ops = {
	.images = fpga_card_builtin_images,
	.trigger = fpga_card_builtin_no_trigger,
};

static const struct fpga_card_ops fpga_card_builtin_external_ops = {
	.images = fpga_card_builtin_images,
	.trigger = fpga_card_builtin_call_outside,
};

static const struct fpga_card_ops fpga_card_builtin_registers_ops = {
	.images = fpga_card_builtin_images,
	.begin = fpga_card_builtin_check_registers,
	.keeps = fpga_card_builtin_keeps,
	.trigger = fpga_card_builtin_run_sequence,
	.describe = fpga_card_builtin_describe_sequence,
};

/* A sequence that does nothing is noticed by the link that stays up. */
static const struct fpga_card_info fpga_card_builtin_registers_info = {
	.name = "registers",
	.drops_link = true,
	.ops = &fpga_card_builtin_registers_ops,
};

static const struct fpga_card_info fpga_card_builtin_infos[] = {
	[FPGA_CARD_HOT_RESET] = {
		.name = "hot_reset",
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &fpga_card_builtin_ops,
	},
	[FPGA_CARD_SLOT_POWER] = {
		.name = "slot_power",
		.start = FPGA_CARD_START_POWER_CYCLE,
		.ops = &fpga_card_builtin_ops,
	},
	[FPGA_CARD_EXTERNAL] = {
		.name = "external",
		.drops_link = true,
		.ops = &fpga_card_builtin_external_ops,
	},
};

/* The rescan lock is held: the port stays, and a driver's probe() has it too. */
static int fpga_card_builtin_attach(struct fpga_card_builtin *builtin,
				    const struct fpga_card_info *info)
{
	struct fpga_card *card;

	if (!device_is_registered(&info->port->dev))
		return -ENODEV;
	/* An operation may be called before fpga_card_attach() has returned. */
	builtin->card = fpga_card_get_by_port(info->port, true);
	if (IS_ERR(builtin->card))
		return PTR_ERR(builtin->card);
	card = fpga_card_attach(info);
	fpga_card_put(builtin->card);
	return PTR_ERR_OR_ZERO(card);
}

static struct fpga_card_builtin *
fpga_card_builtin_alloc(const struct fpga_card_image *images, unsigned int count)
{
	struct fpga_card_builtin *builtin;

	builtin = kzalloc(struct_size(builtin, images, count), GFP_KERNEL);
	if (!builtin)
		return NULL;
	builtin->count = count;
	memcpy(builtin->images, images, count * sizeof(*images));
	return builtin;
}

static void fpga_card_builtin_free(struct fpga_card_builtin *builtin)
{
	pci_dev_put(builtin->registers.port);
	kfree(builtin->addresses);
	kfree(builtin);
}

/* Frees @builtin if the card does not take it. */
static struct fpga_card_builtin *
fpga_card_builtin_start(struct fpga_card_builtin *builtin, struct fpga_card_info *info)
{
	int ret;

	info->priv = builtin;
	pci_lock_rescan_remove();
	ret = fpga_card_builtin_attach(builtin, info);
	pci_unlock_rescan_remove();
	if (!ret)
		return builtin;
	fpga_card_builtin_free(builtin);
	return ERR_PTR(ret);
}

/**
 * fpga_card_builtin_add - say that there is a card without a control device
 * @port: the downstream port above the card, and above nothing else
 * @method: how the card is made to load
 * @images: the images that it can load; copied. With FPGA_CARD_HOT_RESET and
 *	FPGA_CARD_SLOT_POWER their names are for people only: the card is not
 *	told which one is meant
 * @count: number of @images
 *
 * Such a card cannot be asked what it runs: a load is believed to have
 * succeeded when the card comes back, and there is no return to the image that
 * ran before.
 *
 * Context: may sleep; takes the rescan lock.
 *
 * Return: what fpga_card_builtin_remove() takes; -EINVAL if @method or @images
 * make no sense, -EOPNOTSUPP if the port's slot has no power controller but is
 * to have one, and what fpga_card_attach() returns.
 */
struct fpga_card_builtin *
fpga_card_builtin_add(struct pci_dev *port, enum fpga_card_method method,
		      const struct fpga_card_image *images, unsigned int count)
{
	struct fpga_card_builtin *builtin;
	struct fpga_card_info info;

	if (method >= ARRAY_SIZE(fpga_card_builtin_infos) || !count ||
	    count > FPGA_CARD_IMAGES_MAX)
		return ERR_PTR(-EINVAL);
	info = fpga_card_builtin_infos[method];
	if (info.start == FPGA_CARD_START_POWER_CYCLE &&
	    !pci_reload_can_power_cycle(port))
		return ERR_PTR(-EOPNOTSUPP);

	builtin = fpga_card_builtin_alloc(images, count);
	if (!builtin)
		return ERR_PTR(-ENOMEM);
	info.port = port;
	return fpga_card_builtin_start(builtin, &info);
}
EXPORT_SYMBOL_GPL(fpga_card_builtin_add);

/**
 * fpga_card_builtin_add_registers - say that there is a card that loads by registers
 * @port: the downstream port above the card, and above nothing else
 * @function: the function of the card whose registers it loads by
 * @sequence: what is done to them; stays until fpga_card_builtin_remove()
 * @images: the images that it can load; copied
 * @addresses: for each image, what @sequence may need of it; copied
 * @count: number of @images
 *
 * As fpga_card_builtin_add(). Why the sequence cannot be run is in the kernel's log.
 *
 * Context: may sleep; takes the rescan lock.
 *
 * Return: what fpga_card_builtin_remove() takes; -EINVAL if @images make no sense or
 * @function cannot be one, -ERANGE if it does not have the registers, or an address does
 * not fit, -EPERM if the kernel is locked down, -ENODEV if @function is not there, and what
 * fpga_card_attach() returns.
 */
struct fpga_card_builtin *
fpga_card_builtin_add_registers(struct pci_dev *port, struct pci_dev *function,
				const struct fpga_card_sequence *sequence,
				const struct fpga_card_image *images,
				const u64 *addresses, unsigned int count)
{
	struct fpga_card_info info = fpga_card_builtin_registers_info;
	struct fpga_card_builtin *builtin;
	struct fpga_card_fault fault;
	int ret = -ENOMEM;

	if (!count || count > FPGA_CARD_IMAGES_MAX)
		return ERR_PTR(-EINVAL);
	builtin = fpga_card_builtin_alloc(images, count);
	if (!builtin)
		return ERR_PTR(-ENOMEM);
	builtin->addresses = kmemdup(addresses, count * sizeof(*addresses), GFP_KERNEL);
	if (!builtin->addresses)
		goto err_free;
	builtin->registers.port = pci_dev_get(port);
	builtin->registers.domain = pci_domain_nr(function->bus);
	builtin->registers.bus = function->bus->number;
	builtin->registers.devfn = function->devfn;
	builtin->registers.sequence = sequence;
	ret = fpga_card_registers_check(&builtin->registers, addresses, count, &fault);
	if (ret) {
		pci_err(function, "FPGA card: %s\n", fault.why);
		goto err_free;
	}
	if (sequence->hot_reset) {
		info.start = FPGA_CARD_START_HOT_RESET;
		info.drops_link = false;
	}
	info.port = port;
	return fpga_card_builtin_start(builtin, &info);

err_free:
	fpga_card_builtin_free(builtin);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(fpga_card_builtin_add_registers);

/*
 * The card, with a reference. The back end that announces a reset of it is @builtin itself.
 */
struct fpga_card *fpga_card_builtin_get(struct fpga_card_builtin *builtin)
{
	get_device(&builtin->card->dev);
	return builtin->card;
}

/**
 * fpga_card_builtin_remove - a back end without a control device goes
 * @builtin: what fpga_card_builtin_add() returned
 *
 * Also after the port has gone.
 *
 * Context: may sleep.
 *
 * Return: 0; -EBUSY while the card serves a request, or -EINTR if the caller was killed, both
 * with @builtin in place.
 */
int fpga_card_builtin_remove(struct fpga_card_builtin *builtin)
{
	int ret = fpga_card_detach_idle(builtin->card, builtin);

	if (!ret)
		fpga_card_builtin_free(builtin);
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_builtin_remove);
