// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the sensors of the cards read: registers as intel-m10-bmc-hwmon has them,
 * with values that are plausible, constant, and different for each sensor.
 */

#include <linux/kernel.h>

#include "../host.h"

/**
 * struct pcsim_sensors - registers at equal distances
 * @first: the first one
 * @n: how many there are
 * @step: how far the next one is
 * @val: value of the first one
 * @more: how much more each of the others has
 * @max: highest value, in the register behind each; 0 if there is none
 * @crit: critical value, in the next one; likewise
 */
struct pcsim_sensors {
	u16 first;
	u8 n;
	u8 step;
	u32 val;
	u16 more;
	u16 max;
	u16 crit;
};

/*
 * Temperatures are in steps of half a degree, voltages in mV, currents in mA,
 * power in mW.
 */
#define ROW(_first, _n, _step, _val)	{ _first, _n, _step, _val, 1, 0, 0 }
#define ONE(_reg, _val)			{ _reg, 1, 4, _val, 0, 0, 0 }
#define LIMITED(_first, _n, _step, _val, _max, _crit)	\
	{ _first, _n, _step, _val, 1, _max, _crit }

static const struct pcsim_sensors pcsim_n6000[] = {
	LIMITED(0x444, 5, 12, 90, 200, 220),
	LIMITED(0x484, 9, 12, 100, 200, 220),
	LIMITED(0x4f0, 5, 12, 70, 150, 170),
	ONE(0x52c, 4),
	LIMITED(0x530, 3, 12, 76, 150, 170),
	ROW(0x554, 9, 12, 110),
	ONE(0x5c0, 4),
	LIMITED(0x5c4, 4, 12, 94, 200, 220),
	/* Inlets: voltage, and current with its limits */
	ONE(0x5f4, 12100), LIMITED(0x600, 1, 12, 2500, 5500, 6000),
	ONE(0x60c, 12050), LIMITED(0x618, 1, 12, 1800, 9000, 10000),
	ONE(0x624, 3310), LIMITED(0x630, 1, 12, 900, 3000, 3300),
	/* Pairs of voltage and current */
	ONE(0x63c, 850), ONE(0x640, 21000), ONE(0x644, 1100), ONE(0x648, 4000),
	ONE(0x64c, 1200), ONE(0x650, 3000),
	/* The same with limits of the current */
	ONE(0x654, 1810), LIMITED(0x658, 1, 12, 1500, 5000, 5500),
	ONE(0x664, 1205), LIMITED(0x668, 1, 12, 1600, 5000, 5500),
	ONE(0x674, 12020), LIMITED(0x678, 1, 12, 700, 2000, 2200),
	ONE(0x684, 3305), LIMITED(0x688, 1, 12, 400, 1000, 1100),
	ONE(0x694, 900), ONE(0x698, 5000), ONE(0x6ac, 3300), ONE(0x6b0, 1900),
	ONE(0x6b4, 3315), LIMITED(0x6b8, 1, 12, 800, 3000, 3300),
	/* Voltages */
	ONE(0x6c4, 3320), ONE(0x6c8, 3321), ONE(0x6cc, 2500), ONE(0x6d0, 1101),
	ONE(0x6d4, 1801), ONE(0x6d8, 1802), ONE(0x6e0, 901), ONE(0x6e8, 902),
	ONE(0x6f0, 1803), ONE(0x6f4, 1804), ONE(0x6fc, 3301), ONE(0x700, 1805),
	ONE(0x704, 1201), ONE(0x70c, 1202), ONE(0x714, 1806), ONE(0x718, 1102),
	ONE(0x71c, 903), ONE(0x720, 904),
	ONE(0x724, 61000),
};

static const struct pcsim_sensors pcsim_n3000[] = {
	ONE(0x100, 60), ONE(0x104, 170), ONE(0x108, 190), ONE(0x10c, 4),
	ONE(0x110, 92), ONE(0x114, 190), ONE(0x118, 200),
	/* Transceivers: temperature, critical, highest, voltage */
	ONE(0x11c, 70), ONE(0x120, 160), ONE(0x124, 150), ONE(0x128, 3310),
	ONE(0x12c, 71), ONE(0x130, 160), ONE(0x134, 150), ONE(0x138, 3311),
	ONE(0x13c, 900), ONE(0x140, 15000), ONE(0x144, 12100), ONE(0x148, 2500),
	ONE(0x14c, 1200), ONE(0x150, 12050), ONE(0x154, 1700), ONE(0x158, 1800),
	ONE(0x15c, 3300), ONE(0x160, 52000),
	ROW(0x168, 4, 4, 80),
};

static const struct pcsim_sensors pcsim_d5005[] = {
	/* Temperature, highest, critical, and for some hysteresis */
	LIMITED(0x100, 1, 12, 50, 150, 160), ONE(0x10c, 4),
	LIMITED(0x110, 1, 12, 92, 190, 200),
	LIMITED(0x11c, 1, 12, 70, 150, 160), ONE(0x128, 4),
	LIMITED(0x12c, 1, 12, 88, 190, 200),
	LIMITED(0x138, 4, 16, 74, 150, 160),
	{ 0x144, 4, 16, 4 },
	LIMITED(0x178, 2, 16, 64, 140, 150),
	ONE(0x184, 3310), ONE(0x194, 3311), ONE(0x198, 850), ONE(0x19c, 20000),
	/* Regulators: that, then voltage with limits, and current */
	LIMITED(0x1a0, 5, 28, 80, 200, 220),
	LIMITED(0x1ac, 1, 12, 3300, 3460, 3630), ONE(0x1b8, 1900),
	LIMITED(0x1c8, 1, 12, 900, 945, 990), ONE(0x1d4, 3000),
	LIMITED(0x1e4, 1, 12, 1120, 1170, 1230), ONE(0x1f0, 4000),
	LIMITED(0x200, 1, 12, 1121, 1170, 1230), ONE(0x20c, 4100),
	LIMITED(0x21c, 1, 12, 1800, 1890, 1980), ONE(0x228, 2100),
	/* Inlets: that, then voltage with its lower limit, and current */
	LIMITED(0x22c, 2, 28, 66, 160, 170),
	{ 0x238, 2, 28, 12050, 50 }, { 0x23c, 2, 28, 11400 },
	{ 0x240, 2, 28, 2500, 100 }, { 0x244, 2, 28, 5500 },
};

/* Returns whether the register is one of those. */
static bool pcsim_sensor_has(const struct pcsim_sensors *row, unsigned int reg,
			     u32 *val)
{
	unsigned int off = reg - row->first;
	unsigned int i = off / row->step;

	if (reg < row->first || i >= row->n)
		return false;

	switch (off % row->step) {
	case 0:
		*val = row->val + i * row->more;
		return true;
	case 4:
		*val = row->max;
		return row->max;
	case 8:
		*val = row->crit;
		return row->crit;
	default:
		return false;
	}
}

static u32 pcsim_sensor_find(const struct pcsim_sensors *tbl, unsigned int n,
			     unsigned int reg)
{
	u32 val;

	for (; n; n--, tbl++) {
		if (pcsim_sensor_has(tbl, reg, &val))
			return val;
	}

	return 0;
}

/**
 * pcsim_m10_sensor() - read a register of the telemetry
 * @type: the card
 * @reg: the register, from the start of the system registers
 *
 * Return: its value; 0 if there is none.
 */
u32 pcsim_m10_sensor(enum pcie_card_sim_dfl type, unsigned int reg)
{
	switch (type) {
	case PCIE_CARD_SIM_DFL_N6000:
		return pcsim_sensor_find(pcsim_n6000, ARRAY_SIZE(pcsim_n6000),
					 reg);
	case PCIE_CARD_SIM_DFL_N3000:
		return pcsim_sensor_find(pcsim_n3000, ARRAY_SIZE(pcsim_n3000),
					 reg);
	case PCIE_CARD_SIM_DFL_D5005:
		return pcsim_sensor_find(pcsim_d5005, ARRAY_SIZE(pcsim_d5005),
					 reg);
	default:
		return 0;
	}
}
