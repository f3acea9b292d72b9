// SPDX-License-Identifier: GPL-2.0-only
/*
 * MAX 10 BMC of simulated cards that have it behind SPI, N3000 and D5005. The SPI
 * controller cannot be simulated: it answers to each read of its registers. This
 * driver takes its place, and gives the kernel's own intel-m10-bmc-core what
 * intel-m10-bmc-spi would: the same cells, with registers that are read and
 * written in the simulator.
 */

#include <linux/dfl.h>
#include <linux/mfd/core.h>
#include <linux/mfd/intel-m10-bmc.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/regmap.h>

#include "compat/namespace.h"
#include "sim/pcie-card-sim.h"

/* Private features of an FME (https://github.com/OFS/dfl-feature-id) */
#define SIM_M10_FEATURE_NIOS_SPI	0xd
#define SIM_M10_FEATURE_SPI		0xe

static const struct regmap_range sim_m10_ranges[] = {
	regmap_reg_range(M10BMC_N3000_LEGACY_BUILD_VER,
			 M10BMC_N3000_LEGACY_BUILD_VER),
	regmap_reg_range(M10BMC_N3000_SYS_BASE, M10BMC_N3000_SYS_END),
	regmap_reg_range(M10BMC_N3000_FLASH_BASE, M10BMC_N3000_FLASH_END),
};

static const struct regmap_access_table sim_m10_table = {
	.yes_ranges = sim_m10_ranges,
	.n_yes_ranges = ARRAY_SIZE(sim_m10_ranges),
};

static int sim_m10_read(void *context, unsigned int reg, unsigned int *val)
{
	return pcie_card_sim_dev_bmc_read(context, reg, val);
}

static int sim_m10_write(void *context, unsigned int reg, unsigned int val)
{
	return pcie_card_sim_dev_bmc_write(context, reg, val);
}

static const struct regmap_config sim_m10_regmap = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.reg_read = sim_m10_read,
	.reg_write = sim_m10_write,
	.rd_table = &sim_m10_table,
	.wr_table = &sim_m10_table,
	.max_register = M10BMC_N3000_MEM_END,
};

static const struct m10bmc_csr_map sim_m10_csr_map = {
	.base = M10BMC_N3000_SYS_BASE,
	.build_version = M10BMC_N3000_BUILD_VER,
	.fw_version = NIOS2_N3000_FW_VERSION,
	.mac_low = M10BMC_N3000_MAC_LOW,
	.mac_high = M10BMC_N3000_MAC_HIGH,
	.doorbell = M10BMC_N3000_DOORBELL,
	.auth_result = M10BMC_N3000_AUTH_RESULT,
	.bmc_prog_addr = M10BMC_N3000_BMC_PROG_ADDR,
	.bmc_reh_addr = M10BMC_N3000_BMC_REH_ADDR,
	.bmc_magic = M10BMC_N3000_BMC_PROG_MAGIC,
	.sr_prog_addr = M10BMC_N3000_SR_PROG_ADDR,
	.sr_reh_addr = M10BMC_N3000_SR_REH_ADDR,
	.sr_magic = M10BMC_N3000_SR_PROG_MAGIC,
	.pr_prog_addr = M10BMC_N3000_PR_PROG_ADDR,
	.pr_reh_addr = M10BMC_N3000_PR_REH_ADDR,
	.pr_magic = M10BMC_N3000_PR_PROG_MAGIC,
	.rsu_update_counter = M10BMC_N3000_STAGING_FLASH_COUNT,
	.staging_size = M10BMC_STAGING_SIZE,
};

static struct mfd_cell sim_m10_n3000_cells[] = {
	{ .name = "n3000bmc-hwmon" },
	{ .name = "n3000bmc-retimer" },
	{ .name = "n3000bmc-sec-update" },
};

static const struct regmap_range sim_m10_n3000_handshake[] = {
	regmap_reg_range(M10BMC_N3000_TELEM_START, M10BMC_N3000_TELEM_END),
};

static struct mfd_cell sim_m10_d5005_cells[] = {
	{ .name = "d5005bmc-hwmon" },
	{ .name = "d5005bmc-sec-update" },
};

static const struct regmap_range sim_m10_d5005_handshake[] = {
	regmap_reg_range(M10BMC_N3000_TELEM_START, M10BMC_D5005_TELEM_END),
};

static const struct intel_m10bmc_platform_info sim_m10_n3000 = {
	.cells = sim_m10_n3000_cells,
	.n_cells = ARRAY_SIZE(sim_m10_n3000_cells),
	.handshake_sys_reg_ranges = sim_m10_n3000_handshake,
	.handshake_sys_reg_nranges = ARRAY_SIZE(sim_m10_n3000_handshake),
	.csr_map = &sim_m10_csr_map,
};

static const struct intel_m10bmc_platform_info sim_m10_d5005 = {
	.cells = sim_m10_d5005_cells,
	.n_cells = ARRAY_SIZE(sim_m10_d5005_cells),
	.handshake_sys_reg_ranges = sim_m10_d5005_handshake,
	.handshake_sys_reg_nranges = ARRAY_SIZE(sim_m10_d5005_handshake),
	.csr_map = &sim_m10_csr_map,
};

/* The function that the feature is of, several devices above */
static struct pci_dev *sim_m10_function(struct device *dev)
{
	while (dev && !dev_is_pci(dev))
		dev = dev->parent;

	return dev ? to_pci_dev(dev) : NULL;
}

static const struct intel_m10bmc_platform_info *
sim_m10_info(struct pci_dev *pdev)
{
	switch (pcie_card_sim_dev_dfl(pdev)) {
	case PCIE_CARD_SIM_DFL_N3000:
		return &sim_m10_n3000;
	case PCIE_CARD_SIM_DFL_D5005:
		return &sim_m10_d5005;
	default:
		return NULL;
	}
}

/* The cards that are real are none of this driver's business. */
static int sim_m10_probe(struct dfl_device *ddev)
{
	const struct intel_m10bmc_platform_info *info;
	struct pci_dev *pdev = sim_m10_function(&ddev->dev);
	struct intel_m10bmc *m10bmc;

	info = pdev ? sim_m10_info(pdev) : NULL;
	if (!info)
		return -ENODEV;

	m10bmc = devm_kzalloc(&ddev->dev, sizeof(*m10bmc), GFP_KERNEL);
	if (!m10bmc)
		return -ENOMEM;

	m10bmc->dev = &ddev->dev;
	m10bmc->regmap = devm_regmap_init(&ddev->dev, NULL, pdev,
					  &sim_m10_regmap);
	if (IS_ERR(m10bmc->regmap))
		return PTR_ERR(m10bmc->regmap);

	return m10bmc_dev_init(m10bmc, info);
}

static const struct dfl_device_id sim_m10_ids[] = {
	{ FME_ID, SIM_M10_FEATURE_NIOS_SPI },
	{ FME_ID, SIM_M10_FEATURE_SPI },
	{ }
};

static struct dfl_driver sim_m10_driver = {
	.drv = {
		.name = "sim-m10bmc",
		.dev_groups = m10bmc_dev_groups,
	},
	.id_table = sim_m10_ids,
	.probe = sim_m10_probe,
};
module_dfl_driver(sim_m10_driver);

MODULE_DESCRIPTION("MAX 10 BMC of simulated cards, in place of SPI");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(INTEL_M10_BMC_CORE);
