/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event for each step of a card, for those who want to watch it live.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fpga_card

#if !defined(_FPGA_CARD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _FPGA_CARD_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>

TRACE_EVENT(fpga_card_state,
	    TP_PROTO(int card, struct pci_dev *port, const char *state),
	    TP_ARGS(card, port, state),
	    TP_STRUCT__entry(__field(int, card)
			     __field(int, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __array(char, state, 24)),
	    TP_fast_assign(__entry->card = card;
			   __entry->domain = pci_domain_nr(port->bus);
			   __entry->bus = port->bus->number;
			   __entry->devfn = port->devfn;
			   strscpy(__entry->state, state,
				   sizeof(__entry->state));),
	    TP_printk("card=%d port=%04x:%02x:%02x.%d state=%s",
		      __entry->card, __entry->domain, __entry->bus,
		      PCI_SLOT(__entry->devfn), PCI_FUNC(__entry->devfn),
		      __entry->state)
);

#endif /* _FPGA_CARD_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH fpga
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
