// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a reset was, as text. All configuration writes of the host are read for
 * those that reset something; the resets that the card saw, and the calls of
 * drivers and of the platform, stand among them in the order in which they
 * came. Everything names its device, but for the one that is to be reset.
 *
 *	prepare flr reset-flr done
 *
 * Where the function is removed as well, it says so:
 *
 *	unbind flr reset-flr del
 */

#include <linux/minmax.h>

#include "reset.h"

#define RESET_MARKS	16

/**
 * struct reset_mark - a call that no configuration write tells of
 * @at: number of events in the log by then
 * @pdev: for which device
 * @what: what it was
 */
struct reset_mark {
	unsigned int at;
	struct pci_dev *pdev;
	const char *what;
};

/**
 * struct reset_trace - a reset as it is recorded and read
 * @sim: the host; NULL while nothing is recorded
 * @pdev: the function to be reset
 * @af: where its Advanced Features capability is, 0 for none
 * @marks: calls
 * @n_marks: number of elements of @marks
 * @n_read: how many of them are in @text
 * @master: bus mastering of @pdev is on
 * @in_reset: the bridge above @pdev holds its bus in reset
 * @text: the outcome
 * @len: its length
 *
 * One case runs at a time, and resets one function at a time.
 */
struct reset_trace {
	struct pcie_card_sim *sim;
	struct pci_dev *pdev;
	int af;
	struct reset_mark marks[RESET_MARKS];
	unsigned int n_marks;
	unsigned int n_read;
	bool master;
	bool in_reset;
	char text[256];
	int len;
};

static struct reset_trace reset_trace;

static const struct pcie_card_sim_match reset_match_all = {
	.port = -1,
	.reg = -1,
	.devfn = -1,
};

/* From drivers and the platform, while a reset is recorded. */
void reset_trace_mark(struct pci_dev *pdev, const char *what)
{
	struct reset_trace *trace = &reset_trace;
	struct reset_mark *mark;

	if (!trace->sim || trace->n_marks == RESET_MARKS)
		return;
	mark = &trace->marks[trace->n_marks++];
	mark->at = pcie_card_sim_log_count(trace->sim, &reset_match_all);
	mark->pdev = pdev;
	mark->what = what;
}

/* The function may be a bus master now: the caller forbids it if need be. */
void reset_trace_start(struct fixture *fx, struct pci_dev *pdev)
{
	struct reset_trace *trace = &reset_trace;

	memset(trace, 0, sizeof(*trace));
	trace->pdev = pdev;
	trace->af = pci_find_capability(pdev, PCI_CAP_ID_AF);
	pcie_card_sim_log_clear(fx->sim);
	trace->sim = fx->sim;
}

static void reset_trace_add(struct reset_trace *trace, struct pci_dev *pdev,
			    const char *what)
{
	const char *space = trace->len ? " " : "";
	const char *who = pdev ? pci_name(pdev) : "unknown";
	char *end = trace->text + trace->len;
	size_t left = sizeof(trace->text) - trace->len;

	if (pdev == trace->pdev)
		trace->len += scnprintf(end, left, "%s%s", space, what);
	else if (pdev && pdev == pci_upstream_bridge(trace->pdev))
		trace->len += scnprintf(end, left, "%sport:%s", space, what);
	else
		trace->len += scnprintf(end, left, "%s%s:%s", space, who, what);
}

/* Does the write reach a register, and with which bits? */
static bool reset_written(const struct pcie_card_sim_event *event, int reg,
			  u32 *value)
{
	if (reg < event->reg || reg >= event->reg + event->size)
		return false;
	*value = event->value >> 8 * (reg - event->reg);
	return true;
}

static void reset_trace_bridge(struct reset_trace *trace, struct pci_dev *pdev,
			       const struct pcie_card_sim_event *event)
{
	u32 value;
	bool reset;

	if (!reset_written(event, PCI_BRIDGE_CONTROL, &value))
		return;
	reset = value & PCI_BRIDGE_CTL_BUS_RESET;
	if (reset != trace->in_reset)
		reset_trace_add(trace, pdev, reset ? "sbr" : "sbr-end");
	trace->in_reset = reset;
}

/* PCIe r6.0, sec 7.5.3.4 (Device Control), 7.5.2.2 (PMCSR) */
static void reset_trace_write(struct reset_trace *trace, struct pci_dev *pdev,
			      const struct pcie_card_sim_event *event)
{
	static const char * const states[] = { "d0", "d1", "d2", "d3hot" };
	int af = pdev == trace->pdev ? trace->af :
				       pci_find_capability(pdev, PCI_CAP_ID_AF);
	u32 value;

	if (pci_is_bridge(pdev))
		reset_trace_bridge(trace, pdev, event);
	if (pdev == trace->pdev && reset_written(event, PCI_COMMAND, &value))
		trace->master = value & PCI_COMMAND_MASTER;
	if (reset_written(event, pci_pcie_cap(pdev) + PCI_EXP_DEVCTL, &value) &&
	    value & PCI_EXP_DEVCTL_BCR_FLR)
		reset_trace_add(trace, pdev,
				trace->master ? "flr-as-master" : "flr");
	if (af && reset_written(event, af + PCI_AF_CTRL, &value) &&
	    value & PCI_AF_CTRL_FLR)
		reset_trace_add(trace, pdev, "af_flr");
	if (pdev->pm_cap &&
	    reset_written(event, pdev->pm_cap + PCI_PM_CTRL, &value))
		reset_trace_add(trace, pdev,
				states[value & PCI_PM_CTRL_STATE_MASK]);
}

/* The one to be reset may have been removed since. */
static struct pci_dev *reset_trace_who(struct reset_trace *trace,
				       const struct pcie_card_sim_event *event)
{
	struct pci_dev *pdev = trace->pdev;

	if (event->bus == pdev->bus->number && event->devfn == pdev->devfn)
		return pci_dev_get(pdev);
	return pci_get_domain_bus_and_slot(pcie_card_sim_domain(trace->sim),
					   event->bus, event->devfn);
}

static void reset_trace_event(struct reset_trace *trace,
			      const struct pcie_card_sim_event *event)
{
	struct pci_dev *pdev = reset_trace_who(trace, event);

	switch (event->what) {
	case PCIE_CARD_SIM_CFG_WRITE:
		if (pdev)
			reset_trace_write(trace, pdev, event);
		break;
	case PCIE_CARD_SIM_RESET_FLR:
	case PCIE_CARD_SIM_RESET_AF:
	case PCIE_CARD_SIM_RESET_PM:
	case PCIE_CARD_SIM_RESET_BUS:
		reset_trace_add(trace, pdev,
				pcie_card_sim_what_str(event->what));
		break;
	case PCIE_CARD_SIM_DEV_UNBIND:
	case PCIE_CARD_SIM_DEV_DEL:
		if (pdev == trace->pdev &&
		    !strcmp(event->name, pci_name(pdev)))
			reset_trace_add(trace, pdev,
					event->what == PCIE_CARD_SIM_DEV_DEL ?
					"del" : "unbind");
		break;
	default:
		break;
	}
	pci_dev_put(pdev);
}

/* Calls that came when there were no more than @at events. */
static void reset_trace_marks(struct reset_trace *trace, unsigned int at)
{
	struct reset_mark *mark;

	while (trace->n_read < trace->n_marks) {
		mark = &trace->marks[trace->n_read];
		if (mark->at > at)
			break;
		reset_trace_add(trace, mark->pdev, mark->what);
		trace->n_read++;
	}
}

/* What has happened since the start; stays until the next one. */
const char *reset_trace_end(struct fixture *fx)
{
	struct pcie_card_sim_match match = reset_match_all;
	struct reset_trace *trace = &reset_trace;
	struct pcie_card_sim_event event;
	unsigned int at = 0;

	KUNIT_EXPECT_LT(fx->test, trace->n_marks, RESET_MARKS);
	while (pcie_card_sim_log_find(fx->sim, &match, &event)) {
		reset_trace_marks(trace, at++);
		reset_trace_event(trace, &event);
		match.from_seq = event.seq + 1;
	}
	reset_trace_marks(trace, UINT_MAX);
	trace->sim = NULL;
	return trace->text;
}

/* Of each case: nothing may be called any more when the host goes. */
void reset_exit(struct kunit *test)
{
	reset_trace.sim = NULL;
	reset_acpi_fail(false);
	reset_acpi_detach();
	fixture_exit(test);
}

/* All of a function's configuration space. */
u32 *reset_save(struct fixture *fx, struct pci_dev *pdev)
{
	unsigned int i;
	u32 *saved;

	saved = kunit_kcalloc(fx->test, FIXTURE_CONFIG_DWORDS, sizeof(*saved),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, saved);
	for (i = 0; i < FIXTURE_CONFIG_DWORDS; i++)
		pci_read_config_dword(pdev, 4 * i, &saved[i]);
	return saved;
}

/* The one register that changes by itself. */
int reset_traffic_reg(struct pci_dev *pdev)
{
	return pci_find_vsec_capability(pdev, pdev->vendor,
					PCIE_CARD_SIM_VSEC) +
	       PCIE_CARD_SIM_TRAFFIC;
}

/* Bit by bit, all but the register at @but; negative for none. */
void reset_expect_same(struct fixture *fx, struct pci_dev *pdev,
		       const u32 *saved, int but)
{
	const u32 *now = reset_save(fx, pdev);
	int i;

	for (i = 0; i < FIXTURE_CONFIG_DWORDS; i++) {
		if (4 * i == but)
			continue;
		KUNIT_EXPECT_EQ_MSG(fx->test, now[i], saved[i],
				    "%s register %#x: %#x, was %#x",
				    pci_name(pdev), 4 * i, now[i], saved[i]);
	}
}

static void reset_prepare(struct pci_dev *pdev)
{
	reset_trace_mark(pdev, "prepare");
}

static void reset_done(struct pci_dev *pdev)
{
	reset_trace_mark(pdev, "done");
}

static const struct pci_error_handlers reset_handlers = {
	.reset_prepare = reset_prepare,
	.reset_done = reset_done,
};

static int reset_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pcim_enable_device(pdev);
}

static const struct pci_device_id reset_ids[] = {
	{ PCI_DEVICE(RESET_VENDOR, RESET_DEVICE) },
	{ PCI_DEVICE(RESET_VENDOR, RESET_DEVICE_PF) },
	{ PCI_DEVICE(RESET_VENDOR, RESET_DEVICE_VF) },
	{ PCI_DEVICE(PCI_VENDOR_ID_CHELSIO, RESET_DEVICE_CHELSIO) },
	{ PCI_DEVICE(PCI_VENDOR_ID_INTEL, RESET_DEVICE_IGD) },
	{}
};

static struct pci_driver reset_driver = {
	.name = "fpga-card-kunit-reset",
	.id_table = reset_ids,
	.probe = reset_probe,
	.err_handler = &reset_handlers,
};

/* What each suite about resets needs: attribute files of functions, and the driver. */
int reset_tools_init(void)
{
	int ret = reset_file_init();

	if (ret)
		return ret;
	ret = pci_register_driver(&reset_driver);
	if (ret)
		reset_file_exit();
	return ret;
}

void reset_tools_exit(void)
{
	pci_unregister_driver(&reset_driver);
	reset_file_exit();
}
