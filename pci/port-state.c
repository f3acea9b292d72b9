// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports that lose their own registers when they reset what is below: nothing behind
 * them can be reached then, or their windows are closed.
 */

#include <linux/pci.h>
#include <linux/slab.h>

#include "reload.h"

void pci_reload_read_port_ids(struct pci_dev *port,
			      struct pci_reload_port_ids *ids)
{
	pci_read_config_word(port, PCI_COMMAND, &ids->command);
	pci_read_config_dword(port, PCI_PRIMARY_BUS, &ids->buses);
}

/**
 * pci_reload_remind_port - restore a port after a reset of this window's
 * @pr: an open window, before whose reset pci_save_state() was called
 * @before: what the port had then
 *
 * Context: may sleep; the port is locked by pci_reload_port_lock().
 */
void pci_reload_remind_port(struct pci_reload *pr,
			    const struct pci_reload_port_ids *before)
{
	struct pci_reload_port_ids now;

	pci_reload_read_port_ids(pr->port, &now);
	if (now.command == before->command && now.buses == before->buses)
		return;
	pci_warn(pr->port, "the port has lost its own registers in a hot reset, they are restored\n");
	pci_restore_state(pr->port);
	/* Slot Control was written, which is a command. */
	pci_reload_slot_commanded(pr, ~0);
}

/*
 * Whether somebody else's reset cost the port its registers: the PCI core has enabled it
 * once, and does not look again.
 */
static bool pci_reload_port_is_lost(struct pci_dev *port)
{
	u16 command = 0;

	if (!pci_is_enabled(port) || !port->is_busmaster)
		return false;
	pci_read_config_word(port, PCI_COMMAND, &command);
	return !PCI_POSSIBLE_ERROR(command) && !(command & PCI_COMMAND_MASTER);
}

/* The windows are those that the PCI core knows, wherever they were before. */
static void pci_reload_write_forwarding(struct pci_dev *port)
{
	pci_warn(port, "the port has lost its own registers, they are restored\n");
	pci_reload_write_window(port, PCI_BRIDGE_IO_WINDOW);
	pci_reload_write_window(port, PCI_BRIDGE_MEM_WINDOW);
	pci_reload_write_window(port, PCI_BRIDGE_PREF_MEM_WINDOW);
	if (pci_reenable_device(port))
		pci_warn(port, "the port cannot be enabled again\n");
	pci_set_master(port);
}

/**
 * pci_reload_restore_forwarding - have a port forward what it did
 * @pr: an open window; nothing happens to a port that has its registers
 *
 * Context: may sleep. The rescan lock is held, and nothing below the port is used.
 */
void pci_reload_restore_forwarding(struct pci_reload *pr)
{
	if (pci_reload_port_is_lost(pr->port))
		pci_reload_write_forwarding(pr->port);
}

static void pci_reload_store_port(struct pci_dev *port,
				  struct pci_saved_state **state)
{
	pci_save_state(port);
	kfree(*state);
	*state = pci_store_saved_state(port);
}

/**
 * pci_reload_keep_port - keep the state of a port for pci_reload_revive_port()
 * @pr: a window in which nothing is changed, or not any more
 *
 * Context: may sleep; the port is locked by pci_reload_port_lock().
 */
void pci_reload_keep_port(struct pci_reload *pr)
{
	/*
	 * The port has lost its registers: the state from before the window goes back,
	 * and replaces what the PCI core saved in the window.
	 */
	if (pci_reload_port_is_lost(pr->port)) {
		if (pr->port_state)
			pci_load_saved_state(pr->port, pr->port_state);
		return;
	}
	pci_reload_store_port(pr->port, &pr->port_state);
}

/**
 * pci_reload_keep_contained - keep the state in which a port is in an open window
 * @pr: the window, whose port is contained, and whose link is not disabled yet
 *
 * pci_reload_revive_port() needs it: a port that got its state of before the window
 * would report the loss of the link, and pciehp would take the card away. The PCI core
 * has this state, too, until pci_reload_keep_port().
 *
 * Context: may sleep; the port is locked by pci_reload_port_lock().
 */
void pci_reload_keep_contained(struct pci_reload *pr)
{
	if (!pr->contained)
		return;
	pci_reload_store_port(pr->port, &pr->port_contained);
}

/**
 * pci_reload_revive_port - restore a port that others have cost its registers
 * @pr: an open window, or one that is being opened; its link is not disabled by it
 *
 * In an open window as that keeps it, else as it was before.
 *
 * Context: may sleep. Takes the rescan lock.
 */
void pci_reload_revive_port(struct pci_reload *pr)
{
	struct pci_dev *port = pr->port;
	struct pci_saved_state *state;

	if (!pci_reload_port_is_lost(port))
		return;
	pci_reload_lock_rescan(pr);
	if (pci_reload_port_lock(pr)) {
		state = pr->port_state;
		if (pr->contained && pr->port_contained)
			state = pr->port_contained;
		if (state)
			pci_load_saved_state(port, state);
		pci_restore_state(port);
		pci_reload_write_forwarding(port);
		/* Slot Control was written, which is a command. */
		pci_reload_slot_commanded(pr, ~0);
		pci_reload_port_unlock(pr);
	}
	pci_reload_unlock_rescan(pr);
	if (pr->contained)
		pci_reload_keep_quiet(pr);
}
