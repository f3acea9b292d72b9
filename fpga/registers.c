// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a function has the registers of a sequence, and what the sequence does to them.
 *
 * When it does, the function has neither a driver nor VFs, all other functions of the card
 * are gone, and the port takes no errors amiss.
 */

#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/security.h>

#include "registers.h"
#include "registers-access.h"

/* How many steps the answer of a check lists */
#define FPGA_CARD_STEPS_TOLD	24

/*
 * What user space must not do to the registers of a device in a locked down kernel, it must
 * not have done through here either.
 */
static int fpga_card_registers_allowed(struct fpga_card_fault *fault)
{
	if (!security_locked_down(LOCKDOWN_PCI_ACCESS))
		return 0;
	return fpga_card_fault(fault, 0, -EPERM,
			       "the kernel is locked down, which forbids to write registers of the card");
}

/* The function as it is now, referenced; NULL if there is none, or not below the port. */
struct pci_dev *fpga_card_registers_get(const struct fpga_card_registers *regs)
{
	struct pci_dev *pdev, *above;

	pdev = pci_get_domain_bus_and_slot(regs->domain, regs->bus, regs->devfn);
	if (!pdev)
		return NULL;
	for (above = pci_upstream_bridge(pdev); above; above = pci_upstream_bridge(above)) {
		if (above == regs->port)
			return pdev;
	}
	pci_dev_put(pdev);
	return NULL;
}

/* Does what @address makes of the values fit in the registers? */
static int fpga_card_check_values(const struct fpga_card_sequence *seq, u64 address,
				  struct fpga_card_fault *fault)
{
	const struct fpga_card_step *step;
	unsigned int i;
	u64 value, room;

	for (i = 0; i < seq->count; i++) {
		step = &seq->steps[i];
		if (step->kind == FPGA_CARD_STEP_PAUSE)
			continue;
		room = step->kind == FPGA_CARD_STEP_WAIT ? step->mask :
			fpga_card_width_mask(step->width);
		value = fpga_card_value_of(&step->value, address);
		if (value & ~room)
			return fpga_card_fault(fault, step->line, -ERANGE,
					       "the address %#llx makes the value %#llx, which does not fit",
					       address, value);
	}
	return 0;
}

/*
 * VFs go with their PF before anything is written, and a bridge has what is below it. The
 * reason is the caller's to tell where there is no function.
 */
static int fpga_card_check_function(const struct fpga_card_registers *regs,
				    struct pci_dev *pdev, struct fpga_card_fault *fault)
{
	if (!pdev)
		return fpga_card_fault(fault, 0, -ENODEV,
				       "its function %04x:%02x:%02x.%d, whose registers make it load, is not there",
				       regs->domain, regs->bus, PCI_SLOT(regs->devfn),
				       PCI_FUNC(regs->devfn));
	if (pdev->is_virtfn || pci_is_bridge(pdev))
		return fpga_card_fault(fault, 0, -EINVAL,
				       "%s is a %s, whose registers cannot make it load",
				       pci_name(pdev),
				       pdev->is_virtfn ? "virtual function" : "bridge");
	return 0;
}

/*
 * Whether the sequence could run now, for images with these addresses: asked when the card
 * goes live, in a check, and last of all before anything of a load is touched.
 */
int fpga_card_registers_check(const struct fpga_card_registers *regs,
			      const u64 *addresses, unsigned int count,
			      struct fpga_card_fault *fault)
{
	struct pci_dev *pdev;
	unsigned int i;
	int ret;

	ret = fpga_card_registers_allowed(fault);
	if (ret)
		return ret;
	pdev = fpga_card_registers_get(regs);
	ret = fpga_card_check_function(regs, pdev, fault);
	if (!ret) {
		/* One that sleeps deeply has no configuration space. */
		pm_runtime_get_sync(&pdev->dev);
		ret = fpga_card_access_check(pdev, regs->sequence, fault);
		pm_runtime_put(&pdev->dev);
	}
	pci_dev_put(pdev);
	for (i = 0; !ret && i < count; i++)
		ret = fpga_card_check_values(regs->sequence, addresses[i], fault);
	return ret;
}

/*
 * What the steps did. A card that leaves the bus before it may is not told that it could:
 * nobody knows what it does, but it does not go on as it was.
 */
static int fpga_card_run_steps(struct fpga_card_access *access,
			       const struct fpga_card_sequence *seq, u64 address,
			       struct fpga_card_fault *fault)
{
	unsigned int leave = min(seq->leave, seq->last_write);
	unsigned int i;
	int ret;

	for (i = 0; i < seq->count; i++) {
		ret = fpga_card_access_step(access, &seq->steps[i], address, fault);
		if (ret == -ENODEV && i >= leave && !seq->hot_reset)
			return 0;
		if (ret == -ENODEV)
			fpga_card_fault(fault, seq->steps[i].line, ret,
					"the function left the bus before the sequence was over");
		if (ret)
			return ret;
	}
	return 0;
}

/* Have the card load. The function stays as it was found if that fails. */
int fpga_card_registers_run(const struct fpga_card_registers *regs, u64 address,
			    struct fpga_card_fault *fault)
{
	struct fpga_card_access access;
	int ret;

	ret = fpga_card_registers_check(regs, &address, 1, fault);
	if (ret)
		return ret;
	access.pdev = fpga_card_registers_get(regs);
	ret = fpga_card_check_function(regs, access.pdev, fault);
	if (ret)
		goto out_put;
	ret = fpga_card_access_begin(&access, regs->sequence, fault);
	if (ret)
		goto out_put;
	ret = fpga_card_run_steps(&access, regs->sequence, address, fault);
	fpga_card_access_end(&access);

out_put:
	pci_dev_put(access.pdev);
	return ret;
}

/* For the answer of a check: one line for each step, unless there are many. */
int fpga_card_registers_describe(const struct fpga_card_registers *regs, u64 address,
				 char *buf, size_t len)
{
	const struct fpga_card_sequence *seq = regs->sequence;
	unsigned int told = min_t(unsigned int, seq->count, FPGA_CARD_STEPS_TOLD);
	unsigned int i;
	int n;

	n = scnprintf(buf, len, "registers: %u steps at %04x:%02x:%02x.%d%s\n",
		      seq->count, regs->domain, regs->bus, PCI_SLOT(regs->devfn),
		      PCI_FUNC(regs->devfn), seq->hot_reset ? ", then a hot reset" : "");
	for (i = 0; i < told; i++) {
		n += scnprintf(buf + n, len - n, "step: ");
		n += fpga_card_step_print(&seq->steps[i], address, buf + n, len - n);
		n += scnprintf(buf + n, len - n, "\n");
	}
	if (seq->count > told)
		n += scnprintf(buf + n, len - n, "step: and %u more\n",
			       seq->count - told);
	return n;
}
