// SPDX-License-Identifier: GPL-2.0-only
/*
 * The port's link as its registers have it, and what holds the link down: Link Disable,
 * and DPC.
 */

#include <linux/ktime.h>
#include <linux/pci.h>

#include "reload.h"

bool pci_reload_reports_active(struct pci_dev *port)
{
	u32 cap = 0;

	pcie_capability_read_dword(port, PCI_EXP_LNKCAP, &cap);
	return cap & PCI_EXP_LNKCAP_DLLLARC;
}

u32 pci_reload_read_id(struct pci_reload *pr)
{
	u32 id;

	pci_bus_read_config_dword(pr->bus, PCI_DEVFN(0, 0),
				  PCI_VENDOR_ID, &id);
	return id;
}

/**
 * pci_reload_look_at_link - whether the link is active
 * @pr: the window
 * @reports: pci_reload_reports_active(), which does not change
 * @status: for Link Status, as it is read
 *
 * Without Data Link Layer Link Active Reporting there is no telling from the port, other
 * than that it is not training; whether the card answers is. While the link is down the
 * port itself answers, so asking disturbs nobody (PCIe r6.0, sec 2.9.1).
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: true if it is.
 */
bool pci_reload_look_at_link(struct pci_reload *pr, bool reports, u16 *status)
{
	*status = 0;
	pcie_capability_read_word(pr->port, PCI_EXP_LNKSTA, status);
	if (reports)
		return *status & PCI_EXP_LNKSTA_DLLLA;
	if (*status & PCI_EXP_LNKSTA_LT)
		return false;
	return !PCI_POSSIBLE_ERROR(pci_reload_read_id(pr));
}

bool pci_reload_link_active(struct pci_reload *pr)
{
	u16 status;

	return pci_reload_look_at_link(pr, pci_reload_reports_active(pr->port),
				       &status);
}

/* Whether the port knows Device Readiness Status (PCIe r6.0, sec 7.5.3.18). */
bool pci_reload_has_drs(struct pci_dev *port)
{
	u32 cap = 0;

	pcie_capability_read_dword(port, PCI_EXP_LNKCAP2, &cap);
	return !PCI_POSSIBLE_ERROR(cap) && cap & PCI_RELOAD_LNKCAP2_DRS;
}

/* DPC, or its extensions for root ports; 0 if the bridge lacks it. */
u16 pci_reload_dpc_pos(struct pci_dev *bridge, bool rp_pio)
{
	u16 pos = pci_find_ext_capability(bridge, PCI_EXT_CAP_ID_DPC);
	u16 cap = 0;

	if (!pos || !rp_pio)
		return pos;
	pci_read_config_word(bridge, pos + PCI_EXP_DPC_CAP, &cap);
	return cap & PCI_EXP_DPC_CAP_RP_EXT ? pos : 0;
}

/*
 * An error that came before the window opened may have triggered DPC, which holds the
 * link in Disabled until its status is cleared; not before a root port's RP Busy is
 * clear (PCIe r6.0, sec 6.2.11 and 7.9.14.4).
 */
static void pci_reload_uncontain_link(struct pci_reload *pr)
{
	u16 pos = pci_reload_dpc_pos(pr->port, false);
	u16 status;

	if (!pos || !pr->contained)
		return;
	pci_read_config_word(pr->port, pos + PCI_EXP_DPC_STATUS, &status);
	if (status & PCI_EXP_DPC_STATUS_TRIGGER &&
	    !(status & PCI_EXP_DPC_RP_BUSY))
		pci_write_config_word(pr->port, pos + PCI_EXP_DPC_STATUS,
				      PCI_EXP_DPC_STATUS_TRIGGER);
}

/*
 * Let the port train: never leave Link Disable set, nor DPC's trigger. For whoever has
 * taken pci_reload_port_lock().
 */
void pci_reload_link_enable(struct pci_reload *pr)
{
	pci_reload_uncontain_link(pr);
	if (!pr->link_disabled)
		return;
	pcie_capability_clear_word(pr->port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pr->link_disabled = false;
	pr->released = ktime_get();
}

void pci_reload_link_release(struct pci_reload *pr)
{
	if (!pci_reload_port_lock(pr))
		return;
	pci_reload_link_enable(pr);
	pci_reload_port_unlock(pr);
}
