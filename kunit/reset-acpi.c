// SPDX-License-Identifier: GPL-2.0-only
/*
 * A platform that can reset a function: firmware says so by a method _RST of
 * the function's ACPI device. No firmware knows the simulated functions, so a
 * table of ours adds the method to \_SB, and a function that is to have it
 * gets \_SB for its ACPI device. The method writes to an address space that is
 * answered here.
 */

#include <linux/acpi.h>
#include <linux/slab.h>

#include "reset.h"

/* One of those that are for private use (ACPI 6.5, sec 19.6.100) */
#define RESET_ACPI_SPACE	0x99

/* A name that nobody else's firmware has. */
#define RESET_ACPI_FIELD	"\\_SB_.FCKV"

/*
 * Scope (\_SB) {
 *	OperationRegion (FCKR, 0x99, 0, 4)
 *	Field (FCKR, DWordAcc) { FCKV, 32 }
 *	Method (_RST) { Store (One, FCKV) }
 * }
 */
static const u8 reset_acpi_aml[] = {
	0x10, 0x2a, '\\', '_', 'S', 'B', '_',
	0x5b, 0x80, 'F', 'C', 'K', 'R', RESET_ACPI_SPACE, 0x00, 0x0a, 0x04,
	0x5b, 0x81, 0x0b, 'F', 'C', 'K', 'R', 0x03, 'F', 'C', 'K', 'V', 0x20,
	0x14, 0x0c, '_', 'R', 'S', 'T', 0x00, 0x70, 0x01, 'F', 'C', 'K', 'V',
};

static acpi_handle reset_acpi_sb;
static struct acpi_device *reset_acpi_device;
static struct pci_dev *reset_acpi_pdev;
static const char *reset_acpi_why = "not tried";
static bool reset_acpi_fails;

static acpi_status reset_acpi_access(u32 function,
				     acpi_physical_address address,
				     u32 bit_width, u64 *value, void *context,
				     void *region_context)
{
	reset_trace_mark(reset_acpi_pdev, "acpi");
	return reset_acpi_fails ? AE_ERROR : AE_OK;
}

static struct acpi_table_header *reset_acpi_table(void)
{
	size_t i, len = sizeof(struct acpi_table_header) +
			sizeof(reset_acpi_aml);
	struct acpi_table_header *table;
	u8 *bytes, sum = 0;

	table = kzalloc(len, GFP_KERNEL);
	if (!table)
		return NULL;

	memcpy(table->signature, ACPI_SIG_SSDT, sizeof(table->signature));
	table->length = len;
	table->revision = 2;
	memcpy(table->oem_id, "KUNIT ", sizeof(table->oem_id));
	memcpy(table->oem_table_id, "FPGARST ", sizeof(table->oem_table_id));
	memcpy(table->asl_compiler_id, "HAND", sizeof(table->asl_compiler_id));
	memcpy(table + 1, reset_acpi_aml, sizeof(reset_acpi_aml));
	bytes = (u8 *)table;
	for (i = 0; i < len; i++)
		sum += bytes[i];
	table->checksum = -sum;
	return table;
}

/*
 * ACPI has no way to forget a table: its memory stays, and when this module
 * is inserted once more the table is there already.
 */
static acpi_status reset_acpi_load(void)
{
	struct acpi_table_header *table;
	acpi_handle field;
	acpi_status status;

	if (ACPI_SUCCESS(acpi_get_handle(NULL, RESET_ACPI_FIELD, &field)))
		return AE_OK;
	if (acpi_has_method(reset_acpi_sb, "_RST"))
		return AE_ALREADY_EXISTS;
	table = reset_acpi_table();
	if (!table)
		return AE_NO_MEMORY;
	status = acpi_load_table(table, NULL);
	if (ACPI_FAILURE(status))
		kfree(table);
	return status;
}

static const char *reset_acpi_try(void)
{
	acpi_status status;

	if (acpi_disabled)
		return "ACPI is off";
	status = acpi_get_handle(NULL, "\\_SB_", &reset_acpi_sb);
	if (ACPI_FAILURE(status))
		return "ACPI has no \\_SB";
	reset_acpi_device = acpi_fetch_acpi_dev(reset_acpi_sb);
	if (!reset_acpi_device)
		return "\\_SB has no device";
	if (ACPI_FAILURE(reset_acpi_load()))
		return "ACPI takes no table with _RST";
	status = acpi_install_address_space_handler(reset_acpi_sb,
						    RESET_ACPI_SPACE,
						    reset_acpi_access, NULL,
						    NULL);
	return ACPI_FAILURE(status) ? "ACPI takes no handler" : NULL;
}

void reset_acpi_init(void)
{
	reset_acpi_why = reset_acpi_try();
}

void reset_acpi_exit(void)
{
	if (!reset_acpi_why)
		acpi_remove_address_space_handler(reset_acpi_sb,
						  RESET_ACPI_SPACE,
						  reset_acpi_access);
}

/* Why there can be no _RST here; NULL if there can. */
const char *reset_acpi_missing(void)
{
	return reset_acpi_why;
}

/* Until reset_acpi_detach(), which has to come before the function goes. */
void reset_acpi_attach(struct pci_dev *pdev)
{
	ACPI_COMPANION_SET(&pdev->dev, reset_acpi_device);
	reset_acpi_pdev = pci_dev_get(pdev);
}

void reset_acpi_detach(void)
{
	if (reset_acpi_pdev)
		ACPI_COMPANION_SET(&reset_acpi_pdev->dev, NULL);
	pci_dev_put(reset_acpi_pdev);
	reset_acpi_pdev = NULL;
}

/* From now on _RST fails, or does not. */
void reset_acpi_fail(bool fail)
{
	reset_acpi_fails = fail;
}
