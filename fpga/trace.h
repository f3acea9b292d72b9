/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events for those who want to watch a card live: one when a step begins, one when it ends,
 * and one when a request is over. And one when a card is asked for the first time after its
 * link came up, with the time since that was seen.
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

TRACE_EVENT(fpga_card_step,
	    TP_PROTO(int card, struct pci_dev *port, const char *state, s64 us),
	    TP_ARGS(card, port, state, us),
	    TP_STRUCT__entry(__field(int, card)
			     __field(int, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __array(char, state, 24)
			     __field(s64, us)),
	    TP_fast_assign(__entry->card = card;
			   __entry->domain = pci_domain_nr(port->bus);
			   __entry->bus = port->bus->number;
			   __entry->devfn = port->devfn;
			   strscpy(__entry->state, state,
				   sizeof(__entry->state));
			   __entry->us = us;),
	    TP_printk("card=%d port=%04x:%02x:%02x.%d state=%s us=%lld",
		      __entry->card, __entry->domain, __entry->bus,
		      PCI_SLOT(__entry->devfn), PCI_FUNC(__entry->devfn),
		      __entry->state, __entry->us)
);

TRACE_EVENT(fpga_card_outcome,
	    TP_PROTO(int card, struct pci_dev *port, const char *request,
		     const char *outcome, int error, s64 duration_us,
		     s64 outage_us),
	    TP_ARGS(card, port, request, outcome, error, duration_us, outage_us),
	    TP_STRUCT__entry(__field(int, card)
			     __field(int, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __array(char, request, 16)
			     __array(char, outcome, 16)
			     __field(int, error)
			     __field(s64, duration_us)
			     __field(s64, outage_us)),
	    TP_fast_assign(__entry->card = card;
			   __entry->domain = pci_domain_nr(port->bus);
			   __entry->bus = port->bus->number;
			   __entry->devfn = port->devfn;
			   strscpy(__entry->request, request,
				   sizeof(__entry->request));
			   strscpy(__entry->outcome, outcome,
				   sizeof(__entry->outcome));
			   __entry->error = error;
			   __entry->duration_us = duration_us;
			   __entry->outage_us = outage_us;),
	    TP_printk("card=%d port=%04x:%02x:%02x.%d request=%s outcome=%s errno=%d duration_us=%lld outage_us=%lld",
		      __entry->card, __entry->domain, __entry->bus,
		      PCI_SLOT(__entry->devfn), PCI_FUNC(__entry->devfn),
		      __entry->request, __entry->outcome, -__entry->error,
		      __entry->duration_us, __entry->outage_us)
);

TRACE_EVENT(fpga_card_first_read,
	    TP_PROTO(int card, struct pci_dev *port, const char *by, bool answered,
		     s64 us),
	    TP_ARGS(card, port, by, answered, us),
	    TP_STRUCT__entry(__field(int, card)
			     __field(int, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __array(char, by, 16)
			     __field(bool, answered)
			     __field(s64, us)),
	    TP_fast_assign(__entry->card = card;
			   __entry->domain = pci_domain_nr(port->bus);
			   __entry->bus = port->bus->number;
			   __entry->devfn = port->devfn;
			   strscpy(__entry->by, by, sizeof(__entry->by));
			   __entry->answered = answered;
			   __entry->us = us;),
	    TP_printk("card=%d port=%04x:%02x:%02x.%d by=%s answered=%d us=%lld",
		      __entry->card, __entry->domain, __entry->bus,
		      PCI_SLOT(__entry->devfn), PCI_FUNC(__entry->devfn),
		      __entry->by, __entry->answered, __entry->us)
);

#endif /* _FPGA_CARD_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH fpga
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
