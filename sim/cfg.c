// SPDX-License-Identifier: GPL-2.0-only
/* Configuration space of one function: values and how they are written. */

#include <linux/string.h>

#include "regs.h"

u16 pcsim_get16(const struct pcsim_fn *fn, unsigned int reg)
{
	return fn->val[reg] | fn->val[reg + 1] << 8;
}

u32 pcsim_get32(const struct pcsim_fn *fn, unsigned int reg)
{
	return pcsim_get16(fn, reg) | (u32)pcsim_get16(fn, reg + 2) << 16;
}

void pcsim_set16(struct pcsim_fn *fn, unsigned int reg, u16 val)
{
	fn->val[reg] = val;
	fn->val[reg + 1] = val >> 8;
}

void pcsim_set32(struct pcsim_fn *fn, unsigned int reg, u32 val)
{
	pcsim_set16(fn, reg, val);
	pcsim_set16(fn, reg + 2, val >> 16);
}

void pcsim_update16(struct pcsim_fn *fn, unsigned int reg, u16 clear, u16 set)
{
	pcsim_set16(fn, reg, (pcsim_get16(fn, reg) & ~clear) | set);
}

u32 pcsim_cfg_read(const struct pcsim_fn *fn, unsigned int reg,
		   unsigned int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | fn->val[reg + size];

	return val;
}

/* What a write from software does to registers that do nothing else. */
void pcsim_cfg_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val)
{
	const struct pcsim_layout *lay = fn->lay;
	unsigned int i;

	for (i = reg; i < reg + size; i++, val >>= 8) {
		fn->val[i] = (fn->val[i] & ~lay->rw[i]) | (val & lay->rw[i]);
		fn->val[i] &= ~(val & lay->rw1c[i]);
	}
}

/*
 * The bits that a write brings to the register at @at (which has not more
 * than 32 bits and does not cross a dword): 0 if it writes somewhere else.
 * For bits that act when written and are never stored.
 */
u32 pcsim_written(unsigned int reg, unsigned int size, u32 val,
		  unsigned int at)
{
	if ((reg ^ at) & ~3)
		return 0;
	if (size < 4)
		val &= (1U << 8 * size) - 1;

	return val << 8 * (reg & 3) >> 8 * (at & 3);
}

/*
 * Reset the registers. Sticky ones survive while there is power (PCIe r6.0,
 * sec 7.4). The function is no bus master then, and has not been one.
 */
void pcsim_cfg_reset(struct pcsim_fn *fn, bool cold)
{
	const struct pcsim_layout *lay = fn->lay;
	unsigned int i;

	fn->mastering = false;
	fn->mastered = 0;
	if (cold) {
		memcpy(fn->val, lay->reset, sizeof(fn->val));
		return;
	}

	for (i = 0; i < PCSIM_CFG_SIZE; i++)
		fn->val[i] = (fn->val[i] & lay->sticky[i]) |
			     (lay->reset[i] & ~lay->sticky[i]);
}
