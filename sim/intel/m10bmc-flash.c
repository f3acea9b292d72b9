// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the firmware of a MAX 10 BMC does step by step: updates of the flash, in
 * the order in which intel-m10-bmc-sec-update drives them, and loads of the
 * retimers' firmware. Time is looked at when somebody reads or writes.
 */

#include <linux/minmax.h>

#include "../host.h"

/* How long it takes the firmware to see what the host wrote */
#define PCSIM_M10_SEE_MS	20

/* How long it says that the retimers are done: longer than a host looks away */
#define PCSIM_M10_TELL_MS	5000

static const u8 pcsim_m10_progresses[] = {
	[PCSIM_M10_IDLE]		= M10_PROG_IDLE,
	[PCSIM_M10_REQUESTED]		= M10_PROG_IDLE,
	[PCSIM_M10_PREPARE]		= M10_PROG_PREPARE,
	[PCSIM_M10_READY]		= M10_PROG_READY,
	[PCSIM_M10_WRITTEN]		= M10_PROG_READY,
	[PCSIM_M10_AUTH]		= M10_PROG_AUTH,
	[PCSIM_M10_COPY]		= M10_PROG_COPY,
	[PCSIM_M10_DONE]		= M10_PROG_DONE,
	[PCSIM_M10_CANCEL]		= M10_PROG_CANCEL,
	[PCSIM_M10_RETIMER_REQUESTED]	= M10_PROG_IDLE,
	[PCSIM_M10_RETIMER_EEPROM]	= M10_PROG_IDLE,
	[PCSIM_M10_RETIMER_LOAD]	= M10_PROG_PKVL_DONE,
	[PCSIM_M10_RETIMER_DONE]	= M10_PROG_PKVL_DONE,
};

u8 pcsim_m10_progress(const struct pcsim_m10bmc *m10)
{
	return pcsim_m10_progresses[m10->step];
}

/* Is it at something that a reboot would spoil? */
bool pcsim_m10_busy(const struct pcsim_m10bmc *m10)
{
	switch (m10->step) {
	case PCSIM_M10_IDLE:
	case PCSIM_M10_DONE:
	case PCSIM_M10_RETIMER_DONE:
		return false;
	default:
		return true;
	}
}

void pcsim_m10_set(struct pcsim_m10bmc *m10, enum pcsim_m10_step step)
{
	m10->step = step;
	m10->since = ktime_get();
}

/* How long a step takes; 0 if it takes the host to end it */
static unsigned int pcsim_m10_ms(const struct pcsim_m10bmc *m10,
				 enum pcie_card_sim_bmc_fault fault)
{
	switch (m10->step) {
	case PCSIM_M10_REQUESTED:
	case PCSIM_M10_WRITTEN:
	case PCSIM_M10_CANCEL:
		return PCSIM_M10_SEE_MS;
	case PCSIM_M10_PREPARE:
	case PCSIM_M10_AUTH:
	case PCSIM_M10_RETIMER_EEPROM:
	case PCSIM_M10_RETIMER_LOAD:
		return max(m10->flash_ms / 4, 1U);
	case PCSIM_M10_COPY:
		return max(m10->flash_ms / 2, 1U);
	case PCSIM_M10_RETIMER_REQUESTED:
		return fault == PCIE_CARD_SIM_BMC_RETIMER_STUCK ?
		       0 : PCSIM_M10_SEE_MS;
	case PCSIM_M10_RETIMER_DONE:
		return PCSIM_M10_TELL_MS;
	default:
		return 0;
	}
}

static enum pcsim_m10_step pcsim_m10_fail(struct pcsim_m10bmc *m10, u8 status)
{
	m10->status = status;

	return PCSIM_M10_IDLE;
}

static enum pcsim_m10_step
pcsim_m10_requested(struct pcsim_m10bmc *m10,
		    enum pcie_card_sim_bmc_fault fault)
{
	if (fault == PCIE_CARD_SIM_BMC_ERASE)
		return pcsim_m10_fail(m10, M10_STAT_ERASE_FAIL);
	if (fault == PCIE_CARD_SIM_BMC_WEAROUT)
		return pcsim_m10_fail(m10, M10_STAT_WEAROUT);

	m10->status = M10_STAT_NORMAL;
	m10->staged = 0;
	m10->sum = 0;

	return PCSIM_M10_PREPARE;
}

/* The step after the one that is over */
static enum pcsim_m10_step
pcsim_m10_next(struct pcsim_m10bmc *m10, enum pcie_card_sim_bmc_fault fault)
{
	switch (m10->step) {
	case PCSIM_M10_REQUESTED:
		return pcsim_m10_requested(m10, fault);
	case PCSIM_M10_PREPARE:
		return PCSIM_M10_READY;
	case PCSIM_M10_WRITTEN:
		return PCSIM_M10_AUTH;
	case PCSIM_M10_AUTH:
		return fault == PCIE_CARD_SIM_BMC_AUTH ?
		       pcsim_m10_fail(m10, M10_STAT_AUTH_FAIL) : PCSIM_M10_COPY;
	case PCSIM_M10_COPY:
		return fault == PCIE_CARD_SIM_BMC_COPY ?
		       pcsim_m10_fail(m10, M10_STAT_COPY_FAIL) : PCSIM_M10_DONE;
	case PCSIM_M10_RETIMER_REQUESTED:
		m10->status = M10_STAT_NORMAL;
		m10->pkvl = 0;
		return PCSIM_M10_RETIMER_EEPROM;
	case PCSIM_M10_RETIMER_EEPROM:
		return fault == PCIE_CARD_SIM_BMC_RETIMER_REJECT ?
		       pcsim_m10_fail(m10, M10_STAT_PKVL_REJECT) :
		       PCSIM_M10_RETIMER_LOAD;
	case PCSIM_M10_RETIMER_LOAD:
		m10->pkvl = fault == PCIE_CARD_SIM_BMC_RETIMER_BAD ?
			    M10_PKVL_DONE : M10_PKVL_GOOD;
		return PCSIM_M10_RETIMER_DONE;
	default:
		return PCSIM_M10_IDLE;
	}
}

/* Goes through the steps that are over by now. */
void pcsim_m10_run(struct pcsim_card *card)
{
	enum pcie_card_sim_bmc_fault fault = card->faults.bmc;
	struct pcsim_m10bmc *m10 = card->m10;
	ktime_t now = ktime_get();
	unsigned int ms;
	ktime_t end;

	while ((ms = pcsim_m10_ms(m10, fault))) {
		end = ktime_add_ms(m10->since, ms);
		if (ktime_before(now, end))
			break;
		m10->step = pcsim_m10_next(m10, fault);
		m10->since = end;
	}
}

/* The host requests an update. */
void pcsim_m10_request(struct pcsim_m10bmc *m10)
{
	if (!pcsim_m10_busy(m10))
		pcsim_m10_set(m10, PCSIM_M10_REQUESTED);
}

/* The host says how far it is. */
void pcsim_m10_host_status(struct pcsim_m10bmc *m10, u8 host)
{
	m10->host = host;
	if (m10->step != PCSIM_M10_READY)
		return;

	if (host == M10_HOST_WRITE_DONE)
		pcsim_m10_set(m10, PCSIM_M10_WRITTEN);
	else if (host == M10_HOST_ABORT)
		pcsim_m10_set(m10, PCSIM_M10_CANCEL);
}

/* The host requests a load of the retimers, or takes that back. */
void pcsim_m10_retimer(struct pcsim_m10bmc *m10, bool load)
{
	bool requested = m10->step == PCSIM_M10_RETIMER_REQUESTED;

	if (load && !pcsim_m10_busy(m10))
		pcsim_m10_set(m10, PCSIM_M10_RETIMER_REQUESTED);
	else if (!load && requested)
		pcsim_m10_set(m10, PCSIM_M10_IDLE);
}

/* The host writes a dword to the staging area. */
void pcsim_m10_stage(struct pcsim_m10bmc *m10, u32 val)
{
	if (m10->step != PCSIM_M10_READY)
		return;

	m10->staged += sizeof(val);
	m10->sum += val;
}
