/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites on resets share: a record of what a reset was, the files in
 * which the kernel has its list of methods, and a platform with _RST.
 */
#ifndef _FPGA_CARD_KUNIT_RESET_H
#define _FPGA_CARD_KUNIT_RESET_H

#include <kunit/test.h>
#include <linux/pci.h>

#include "fixture.h"

/* Devices that the driver of these suites takes. */
#define RESET_VENDOR		0x1234
#define RESET_DEVICE		0x0f10
#define RESET_DEVICE_PF		0x0f11
#define RESET_DEVICE_VF		0x0f12

/*
 * The kernel has reset methods of its own for these (pci_dev_reset_methods[]
 * in drivers/pci/quirks.c): the first does a Function Level Reset with bus
 * mastering on, the second fails for a function without its first BAR.
 */
#define RESET_DEVICE_CHELSIO	0x4810
#define RESET_DEVICE_IGD	0x0156

/* No driver but that of these suites is for this class. */
#define RESET_CLASS		(PCI_CLASS_SP_OTHER << 8)

/* As the kernel has them: in this order it tries them. */
enum reset_method {
	RESET_BY_DEVICE,
	RESET_BY_ACPI,
	RESET_BY_FLR,
	RESET_BY_AF,
	RESET_BY_PM,
	RESET_BY_BUS,
	RESET_BYS
};

#define RESET_ALL	(BIT(RESET_BYS) - 1)

/* A reset through the link, by the port's Bridge Control */
#define RESET_BUS_TRACE	"port:sbr port:reset-bus port:sbr-end"

/* reset-set.c */
int reset_init(struct kunit *test);
struct pci_dev *reset_boot(struct fixture *fx, unsigned int set);
void reset_set_text(unsigned int set, char *text, size_t size);
void reset_set_desc(unsigned int *set, char *desc);
enum reset_method reset_first(unsigned int set);
const char *reset_set_trace(struct fixture *fx, enum reset_method by);

/* reset-trace.c */
int reset_tools_init(void);
void reset_tools_exit(void);
void reset_trace_start(struct fixture *fx, struct pci_dev *pdev);
const char *reset_trace_end(struct fixture *fx);
void reset_trace_mark(struct pci_dev *pdev, const char *what);
void reset_exit(struct kunit *test);
u32 *reset_save(struct fixture *fx, struct pci_dev *pdev);
int reset_traffic_reg(struct pci_dev *pdev);
void reset_expect_same(struct fixture *fx, struct pci_dev *pdev,
		       const u32 *saved, int but);

/* reset-file.c */
int reset_file_init(void);
void reset_file_exit(void);
int reset_file_write(struct pci_dev *pdev, const char *name, const char *text);
const char *reset_file_read(struct kunit *test, struct pci_dev *pdev,
			    const char *name);

/* reset-acpi.c */
#ifdef CONFIG_ACPI
void reset_acpi_init(void);
void reset_acpi_exit(void);
const char *reset_acpi_missing(void);
void reset_acpi_attach(struct pci_dev *pdev);
void reset_acpi_detach(void);
void reset_acpi_fail(bool fail);
#else
static inline void reset_acpi_init(void) { }
static inline void reset_acpi_exit(void) { }
static inline void reset_acpi_attach(struct pci_dev *pdev) { }
static inline void reset_acpi_detach(void) { }
static inline void reset_acpi_fail(bool fail) { }

static inline const char *reset_acpi_missing(void)
{
	return "this kernel has no ACPI";
}
#endif

#endif /* _FPGA_CARD_KUNIT_RESET_H */
