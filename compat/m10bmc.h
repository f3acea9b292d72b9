/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeping a MAX 10 BMC's secure update from beginning.
 */
#ifndef _FPGA_CARD_COMPAT_M10BMC_H
#define _FPGA_CARD_COMPAT_M10BMC_H

#include <linux/mfd/intel-m10-bmc.h>
#include <linux/rwsem.h>

/*
 * Whether no secure update runs; if so, none gets beyond its first step until
 * the other function. For a moment only. Only some cards have the state, and
 * kernels before 6.8 do not.
 */
static inline bool fpga_card_compat_m10_hold(struct intel_m10bmc *m10bmc)
{
#ifdef FPGA_CARD_M10BMC_FW_STATE
	if (!m10bmc->info->handshake_sys_reg_nranges)
		return true;
	down_write(&m10bmc->bmcfw_lock);
	if (m10bmc->bmcfw_state == M10BMC_FW_STATE_NORMAL)
		return true;
	up_write(&m10bmc->bmcfw_lock);
	return false;
#else
	return true;
#endif
}

static inline void fpga_card_compat_m10_release(struct intel_m10bmc *m10bmc)
{
#ifdef FPGA_CARD_M10BMC_FW_STATE
	if (m10bmc->info->handshake_sys_reg_nranges)
		up_write(&m10bmc->bmcfw_lock);
#endif
}

#endif /* _FPGA_CARD_COMPAT_M10BMC_H */
