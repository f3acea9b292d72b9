/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated PCIe hosts whose cards can load another image: interface for tests inside the
 * kernel. configfs is a front end of the same interface. One header, as it is all that a
 * test includes: what a host is made of, what is done to it, and the log of what it saw.
 */
#ifndef _PCIE_CARD_SIM_H
#define _PCIE_CARD_SIM_H

#include <linux/bits.h>
#include <linux/types.h>

struct pci_dev;
struct pcie_card_sim;

/* Longest name of an image, with the terminating NUL. */
#define PCIE_CARD_SIM_NAME_LEN	32

/* Limits of one host. */
#define PCIE_CARD_SIM_PORTS	15
#define PCIE_CARD_SIM_FUNCTIONS	8
#define PCIE_CARD_SIM_LEGS	4
#define PCIE_CARD_SIM_SWITCHES	4
#define PCIE_CARD_SIM_VFS	256
#define PCIE_CARD_SIM_IMAGES	64

/* Devices that the simulator adds by itself: root ports and switch ports. */
#define PCIE_CARD_SIM_VENDOR		0x5343
#define PCIE_CARD_SIM_DEVICE_ROOT	0x0001
#define PCIE_CARD_SIM_DEVICE_UPSTREAM	0x0002
#define PCIE_CARD_SIM_DEVICE_DOWNSTREAM	0x0003
#define PCIE_CARD_SIM_DEVICE_HOST_UPSTREAM	0x0012
#define PCIE_CARD_SIM_DEVICE_HOST_DOWNSTREAM	0x0013

/* Events that a log holds, unless it is said */
#define PCIE_CARD_SIM_LOG_SIZE	8192

/*
 * Each function of a card has a vendor-specific capability with ID
 * PCIE_CARD_SIM_VSEC; at PCIE_CARD_SIM_TRAFFIC in it is a counter of 32 bits:
 * milliseconds for which the function has been a bus master since its reset,
 * as if it had moved a word in each.
 */
#define PCIE_CARD_SIM_VSEC		0x5343
#define PCIE_CARD_SIM_TRAFFIC		0x08

/* ID of the designated vendor-specific capability of functions with an ICAP core */
#define PCIE_CARD_SIM_DVSEC		0x0044

/* Class code 0 of a function: 0 itself is the default in its description */
#define PCIE_CARD_SIM_CLASS_ZERO	BIT(24)

/*
 * Device Readiness Status, which <linux/pci_regs.h> does not know: DRS Supported in Link
 * Capabilities 2, DRS Signaling Control in Link Control, Downstream Component Presence and
 * DRS Message Received in Link Status 2 (PCIe r6.0, sec 7.5.3.7, 7.5.3.18 and 7.5.3.20)
 */
#define PCIE_CARD_SIM_LNKCAP2_DRS	BIT(31)
#define PCIE_CARD_SIM_LNKCTL_DRS	GENMASK(15, 14)
#define PCIE_CARD_SIM_LNKCTL_DRS_IRQ	BIT(14)
#define PCIE_CARD_SIM_LNKSTA2_DCP	GENMASK(14, 12)
#define PCIE_CARD_SIM_LNKSTA2_DRS	BIT(15)

/* Readiness Time Reporting (PCIe r6.0, sec 7.9.16) */
#define PCIE_CARD_SIM_RTR		0x22

/* Time that an update of the flash takes, unless it is said */
#define PCIE_CARD_SIM_FLASH_MS	400

/**
 * enum pcie_card_sim_dfl - card whose device feature list a function has
 * @PCIE_CARD_SIM_DFL_NONE: it has none
 * @PCIE_CARD_SIM_DFL_N6000: Intel IPU platform N6000: the BMC is behind a
 *	mailbox in BAR 0 (PMCI)
 * @PCIE_CARD_SIM_DFL_N3000: Intel PAC N3000: behind SPI
 * @PCIE_CARD_SIM_DFL_D5005: Intel PAC D5005: likewise
 */
enum pcie_card_sim_dfl {
	PCIE_CARD_SIM_DFL_NONE,
	PCIE_CARD_SIM_DFL_N6000,
	PCIE_CARD_SIM_DFL_N3000,
	PCIE_CARD_SIM_DFL_D5005,
};

/**
 * enum pcie_card_sim_icap - core through which a function reaches the FPGA's
 *	configuration port
 * @PCIE_CARD_SIM_ICAP_NONE: it has none
 * @PCIE_CARD_SIM_ICAP_HWICAP: AMD's AXI HWICAP. Each word is to be handed on before the
 *	next one is written
 * @PCIE_CARD_SIM_ICAP_LITEX: that of LiteX
 */
enum pcie_card_sim_icap {
	PCIE_CARD_SIM_ICAP_NONE,
	PCIE_CARD_SIM_ICAP_HWICAP,
	PCIE_CARD_SIM_ICAP_LITEX,
};

/**
 * enum pcie_card_sim_rtr - Readiness Time Reporting of a function
 * @PCIE_CARD_SIM_RTR_NONE: it has none
 * @PCIE_CARD_SIM_RTR_VALID: it has, and the times are valid
 * @PCIE_CARD_SIM_RTR_NOT_YET: it has, but the times are not valid
 */
enum pcie_card_sim_rtr {
	PCIE_CARD_SIM_RTR_NONE,
	PCIE_CARD_SIM_RTR_VALID,
	PCIE_CARD_SIM_RTR_NOT_YET,
};

/* The most that such a time may be (PCIe r6.0, sec 7.9.16.2) */
#define PCIE_CARD_SIM_RTR_MAX_MS	1000

/**
 * struct pcie_card_sim_bar - one base address register
 * @size: size in bytes, a power of two; 0 if the register is not implemented
 * @io: in I/O space: 4 to 256 bytes
 * @is_64: takes this register and the next one
 * @prefetch: prefetchable
 */
struct pcie_card_sim_bar {
	u64 size;
	bool io;
	bool is_64;
	bool prefetch;
};

/**
 * struct pcie_card_sim_function - one physical function of an image
 * @vendor: vendor ID; 0 if the image does not have this function
 * @device: device ID
 * @subsystem_vendor: subsystem vendor ID
 * @subsystem_device: subsystem ID
 * @class: 24 bit class code; 0 means 0x120000 (processing accelerator),
 *	PCIE_CARD_SIM_CLASS_ZERO means 0
 * @revision: revision ID
 * @leg: number of the switch leg that the function is behind, on a card with
 *	a switch. Functions of a leg are numbered from 0 in their order here
 * @bar: base address registers
 * @total_vfs: number of virtual functions; 0 for no SR-IOV capability
 * @vf_device: device ID of the virtual functions
 * @vf_bar0: first base address register of each virtual function
 * @flr: has Function Level Reset
 * @af: has an Advanced Features capability with Function Level Reset
 * @pm: the Power Management capability, which each function has, is one
 *	without No_Soft_Reset: the way from D3hot to D0 resets
 * @aer: has an Advanced Error Reporting capability
 * @bmc: has the mailbox of the card's management controller
 * @dfl: has the device feature list of a card in BAR 0, and the card's MAX 10
 *	BMC behind that. BAR 0 has 8 KiB or more then
 * @immediate_readiness: says so in Status: it answers as soon as its link is up
 * @rtr: has a Readiness Time Reporting capability, by &enum pcie_card_sim_rtr
 * @rtr_dl_up_ms: DL_Up Time in it, as near as that can be said, and not less. Until then
 *	the function answers with Request Retry Status, if the capability is valid; at most
 *	PCIE_CARD_SIM_RTR_MAX_MS
 * @icap: has the registers of such a core in BAR 0, by &enum pcie_card_sim_icap, and not
 *	@dfl. It has a vendor-specific capability too, and a designated one with the ID
 *	PCIE_CARD_SIM_DVSEC and revision 1, both with registers that keep what they are
 *	written: 12 bytes from offset 4, and 4 from offset 12
 */
struct pcie_card_sim_function {
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem_device;
	u32 class;
	u8 revision;
	u8 leg;
	struct pcie_card_sim_bar bar[6];
	u16 total_vfs;
	u16 vf_device;
	struct pcie_card_sim_bar vf_bar0;
	bool flr;
	bool af;
	bool pm;
	bool aer;
	bool bmc;
	bool immediate_readiness;
	u8 rtr;
	unsigned int rtr_dl_up_ms;
	enum pcie_card_sim_dfl dfl;
	enum pcie_card_sim_icap icap;
};

/**
 * struct pcie_card_sim_image - one image of a card
 * @name: name of the image
 * @file_only: the image is not in the card's flash: the card runs it only
 *	after it was staged through the mailbox
 * @reload_ms: time from the moment the old image goes until the link trains
 * @timeout_ms: deadline that the management controller gives for this image
 * @hold_ms: hold time that the management controller gives for this image
 * @speed: highest link speed in MT/s; 0 means 16000. On a card with a switch
 *	that of the links behind its legs
 * @width: number of lanes, likewise: 1, 2, 4, 8 or 16; 0 means 8
 * @page: the value by which a MAX 10 BMC is told to load this image
 * @address: where in the flash the FPGA finds the image, as START_ADDR of its register
 *	WBSTAR has it
 * @drs: the card sends a Device Readiness Status message when it is ready
 * @drs_ms: that is so long after its link came up; until then its functions answer with
 *	Request Retry Status
 * @own_serial: the functions have the serial number @serial, whatever card it is
 * @serial: device serial number with @own_serial; 0 for none
 * @fn: the functions, by function number
 */
struct pcie_card_sim_image {
	char name[PCIE_CARD_SIM_NAME_LEN];
	bool file_only;
	unsigned int reload_ms;
	unsigned int timeout_ms;
	unsigned int hold_ms;
	unsigned int speed;
	unsigned int width;
	u8 page;
	u32 address;
	bool drs;
	unsigned int drs_ms;
	bool own_serial;
	u64 serial;
	struct pcie_card_sim_function fn[PCIE_CARD_SIM_FUNCTIONS];
};

/**
 * struct pcie_card_sim_card - the card in a port's slot
 * @present: the slot is populated when the host is created
 * @has_switch: the functions are behind a switch on the card
 * @switch_vendor: vendor ID of its ports; 0 for the simulator's own IDs
 * @switch_device: device ID of its ports
 * @boot_image: name of the image that runs after power-on
 * @serial: device serial number, for images without one of their own; 0 for
 *	none
 * @train_ms: time that link training takes; 0 means 5
 * @reset_image: name of the image that the card loads when its link is reset
 *	by Secondary Bus Reset; empty if a reset does not make it load
 * @flash_ms: time that a MAX 10 BMC takes to update the flash; 0 means
 *	PCIE_CARD_SIM_FLASH_MS
 * @images: the card's images; those in flash have their index in this order
 * @n_images: number of elements of @images
 */
struct pcie_card_sim_card {
	bool present;
	bool has_switch;
	u16 switch_vendor;
	u16 switch_device;
	char boot_image[PCIE_CARD_SIM_NAME_LEN];
	u64 serial;
	unsigned int train_ms;
	char reset_image[PCIE_CARD_SIM_NAME_LEN];
	unsigned int flash_ms;
	const struct pcie_card_sim_image *images;
	unsigned int n_images;
};

/**
 * enum pcie_card_sim_presence - how a slot detects that there is a card
 * @PCIE_CARD_SIM_PIN: out of band, by a pin of its connector
 * @PCIE_CARD_SIM_INBAND: in-band, by the receivers at the far end of its link:
 *	there is a card while the link trains or is up, and none in the states
 *	Detect, Disabled and Hot Reset
 * @PCIE_CARD_SIM_PIN_AND_INBAND: by either, and software can disable the latter
 */
enum pcie_card_sim_presence {
	PCIE_CARD_SIM_PIN,
	PCIE_CARD_SIM_INBAND,
	PCIE_CARD_SIM_PIN_AND_INBAND,
};

/**
 * struct pcie_card_sim_port - a port with a place for a card
 * @sw: 0 for a root port; else the port is a downstream port of switch number
 *	@sw of the host, which is below a root port of its own. Ports with the
 *	same number share the switch. At most PCIE_CARD_SIM_SWITCHES
 * @slot: has a slot
 * @hotplug: the slot is hot-plug capable, with surprise removal
 * @power_control: the slot can switch the power of the card; a card that gets
 *	power starts with its boot image
 * @inband: how the slot detects a card, by &enum pcie_card_sim_presence. What
 *	switches power needs a pin
 * @button: the slot has an attention button and indicators
 * @cmd_completed: the slot reports Command Completed; commands take 5 ms
 * @cmd_lazy: but only for commands that change an indicator, the power or the
 *	interlock, as ports with Intel's erratum CF118 do
 * @aer: has Advanced Error Reporting
 * @dpc: has Downstream Port Containment
 * @rp_pio: that with the extensions for root ports, if it is one
 * @link_active_reporting: reports Data Link Layer Link Active, as a port has to
 *	that is hot-plug capable, or faster than 5 GT/s
 * @surprise_down: reports a surprise down error
 * @pm: has a Power Management capability
 * @msi: number of messages by which the port can interrupt: with 4 hot-plug, AER
 *	and DPC have one of their own, with 2 hot-plug; else 1, or 0 for the legacy
 *	interrupt. A root port above a switch is as the switch's first port
 * @disable_ms: for how long the link stays up after Link Disable was set
 * @rp_busy_ms: for how long DPC RP Busy is set after DPC was triggered, with
 *	@rp_pio. When software clears the trigger before, nothing comes of it
 * @drs: knows Device Readiness Status messages
 * @max_speed: highest link speed in MT/s; 0 means 8000
 * @max_width: number of lanes, 1, 2, 4, 8 or 16; 0 means 8
 * @card: the card
 */
struct pcie_card_sim_port {
	unsigned int sw;
	bool slot;
	bool hotplug;
	bool power_control;
	u8 inband;
	bool button;
	bool cmd_completed;
	bool cmd_lazy;
	bool aer;
	bool dpc;
	bool rp_pio;
	bool link_active_reporting;
	bool surprise_down;
	bool pm;
	bool drs;
	u8 msi;
	unsigned int disable_ms;
	unsigned int rp_busy_ms;
	unsigned int max_speed;
	unsigned int max_width;
	struct pcie_card_sim_card card;
};

/**
 * struct pcie_card_sim_config - a host bridge with its ports
 * @name: name of the host in debugfs
 * @ports: the ports; the index in this array is the port number used
 *	everywhere else
 * @n_ports: number of elements of @ports
 * @of_node: node of the device tree that describes the host; NULL for none
 * @window: size of the host's memory window, in whole MiB; 0 to have it chosen
 * @io_window: size of its I/O window, a multiple of 4 KiB; 0 for no I/O space,
 *	so that its bridges have no I/O windows either
 * @log_size: number of events that the log holds; 0 means
 *	PCIE_CARD_SIM_LOG_SIZE
 */
struct pcie_card_sim_config {
	const char *name;
	const struct pcie_card_sim_port *ports;
	unsigned int n_ports;
	struct device_node *of_node;
	u64 window;
	u32 io_window;
	unsigned int log_size;
};

struct pcie_card_sim *
pcie_card_sim_create(const struct pcie_card_sim_config *config);
void pcie_card_sim_destroy(struct pcie_card_sim *sim);

int pcie_card_sim_domain(struct pcie_card_sim *sim);
struct pci_dev *pcie_card_sim_port_dev(struct pcie_card_sim *sim,
				       unsigned int port);

/**
 * enum pcie_card_sim_cure - what helps a card that does not return
 * @PCIE_CARD_SIM_CURE_POWER: switching it off and on
 * @PCIE_CARD_SIM_CURE_RESET: that, or Secondary Bus Reset of the port
 * @PCIE_CARD_SIM_CURE_RETRAIN: either, or Link Disable set and cleared
 */
enum pcie_card_sim_cure {
	PCIE_CARD_SIM_CURE_POWER,
	PCIE_CARD_SIM_CURE_RESET,
	PCIE_CARD_SIM_CURE_RETRAIN,
};

/**
 * enum pcie_card_sim_bmc_fault - what a MAX 10 BMC does wrong
 * @PCIE_CARD_SIM_BMC_OK: nothing
 * @PCIE_CARD_SIM_BMC_AUTH: updates fail, their signature is not good
 * @PCIE_CARD_SIM_BMC_COPY: updates fail when the image is copied
 * @PCIE_CARD_SIM_BMC_ERASE: updates fail when the staging area is erased
 * @PCIE_CARD_SIM_BMC_WEAROUT: updates are refused, there were too many
 * @PCIE_CARD_SIM_BMC_NO_REBOOT: it says that reboots and loads are disabled,
 *	and does none
 * @PCIE_CARD_SIM_BMC_RETIMER_STUCK: it does not see requests for the retimers
 * @PCIE_CARD_SIM_BMC_RETIMER_REJECT: it rejects them
 * @PCIE_CARD_SIM_BMC_RETIMER_BAD: the retimers do not start with what they load
 */
enum pcie_card_sim_bmc_fault {
	PCIE_CARD_SIM_BMC_OK,
	PCIE_CARD_SIM_BMC_AUTH,
	PCIE_CARD_SIM_BMC_COPY,
	PCIE_CARD_SIM_BMC_ERASE,
	PCIE_CARD_SIM_BMC_WEAROUT,
	PCIE_CARD_SIM_BMC_NO_REBOOT,
	PCIE_CARD_SIM_BMC_RETIMER_STUCK,
	PCIE_CARD_SIM_BMC_RETIMER_REJECT,
	PCIE_CARD_SIM_BMC_RETIMER_BAD,
};

/**
 * struct pcie_card_sim_faults - what a card does wrong
 * @never_return: after the next loads the link stays down, until @cure
 * @cure: what ends @never_return; the image that was loaded runs then, or the
 *	boot image after a power cycle
 * @ignore_disable: the link stays up although Link Disable is set in the port
 * @bad_header: functions answer with a header type that nobody knows
 * @reject_trigger: the mailbox refuses every load
 * @reject_stage: the mailbox refuses images that are staged
 * @busy: the mailbox says that it is busy, as while the card is flashed
 * @wrong_image: every load loads the image of this name; empty for none
 * @rrs_ms: time after the link is up during which the functions answer
 *	configuration requests with Request Retry Status
 * @transient_ms: time after the link is up during which the functions have
 *	other IDs than the image's, as on cards whose configuration is not
 *	complete by then
 * @transient_vendor: the vendor ID that they have meanwhile
 * @transient_device: the device ID
 * @trigger_delay_ms: time from an accepted trigger until the card drops the
 *	link; the old image runs meanwhile. With 0 the link is down when the
 *	write to the mailbox returns, or when the delay is set to that
 * @lose_link_ms: after the next load the card loses its link once more, that
 *	long after the link came up; 0 for no loss
 * @ignore_reset: the port does nothing when Secondary Bus Reset is set
 * @forget_port: the port loses its own registers when it resets the card that way,
 *	except for that bit
 * @forget_card: the card's functions lose their sticky registers too when they
 *	are reset that way
 * @train_slow: the ends come to terms at 2.5 GT/s only: at any other target speed of
 *	the port they train for ever, and the port notes a link that is not reliable
 * @degraded_speed: the link comes up at no more than this speed in MT/s, when it
 *	is trained next; 0 for the best that both ends can
 * @degraded_width: likewise with no more than so many lanes: 1, 2, 4, 8 or 16
 * @keep_link: when the card resets itself its link stays up, and its functions answer
 *	with Request Retry Status for as long as the image takes to load
 * @drs_kept: the port keeps DRS Message Received when its link goes down
 * @drs_stuck: and software cannot clear it either: it is set for good
 * @bmc: what a MAX 10 BMC does wrong
 */
struct pcie_card_sim_faults {
	bool never_return;
	enum pcie_card_sim_cure cure;
	bool ignore_disable;
	bool bad_header;
	bool reject_trigger;
	bool reject_stage;
	bool busy;
	char wrong_image[PCIE_CARD_SIM_NAME_LEN];
	unsigned int rrs_ms;
	unsigned int transient_ms;
	u16 transient_vendor;
	u16 transient_device;
	unsigned int trigger_delay_ms;
	unsigned int lose_link_ms;
	bool ignore_reset;
	bool forget_port;
	bool forget_card;
	bool train_slow;
	unsigned int degraded_speed;
	unsigned int degraded_width;
	bool keep_link;
	bool drs_kept;
	bool drs_stuck;
	enum pcie_card_sim_bmc_fault bmc;
};

int pcie_card_sim_set_faults(struct pcie_card_sim *sim, unsigned int port,
			     const struct pcie_card_sim_faults *faults);
int pcie_card_sim_set_present(struct pcie_card_sim *sim, unsigned int port,
			      bool present);
int pcie_card_sim_replace(struct pcie_card_sim *sim, unsigned int port,
			  const char *image, u64 serial);
int pcie_card_sim_press_button(struct pcie_card_sim *sim, unsigned int port);
struct pci_dev *pcie_card_sim_above(struct pcie_card_sim *sim,
				    unsigned int port, unsigned int level);
int pcie_card_sim_set_boot_image(struct pcie_card_sim *sim, unsigned int port,
				 const char *name);
int pcie_card_sim_running(struct pcie_card_sim *sim, unsigned int port,
			  char *name, size_t len);
int pcie_card_sim_load(struct pcie_card_sim *sim, unsigned int port,
		       const char *name);
int pcie_card_sim_self_reset(struct pcie_card_sim *sim, unsigned int port,
			     unsigned int delay_ms, const char *image);
int pcie_card_sim_drop_link(struct pcie_card_sim *sim, unsigned int port);
int pcie_card_sim_port_error(struct pcie_card_sim *sim, unsigned int port,
			     u32 uncorrectable);
int pcie_card_sim_port_correctable(struct pcie_card_sim *sim, unsigned int port,
				   u32 correctable);
int pcie_card_sim_renegotiate(struct pcie_card_sim *sim, unsigned int port,
			      bool autonomous);
bool pcie_card_sim_link_up(struct pcie_card_sim *sim, unsigned int port);

/**
 * struct pcie_card_sim_bmc_state - what a MAX 10 BMC is at
 * @page: page that it runs from
 * @progress: what it does, as in bits 7:4 of its doorbell
 * @status: how the last update went, or how it started
 * @staged: bytes that were written to the staging area since an update was
 *	requested. Through PMCI this cannot be seen
 * @sum: sum of the dwords
 */
struct pcie_card_sim_bmc_state {
	u8 page;
	u8 progress;
	u8 status;
	u64 staged;
	u32 sum;
};

int pcie_card_sim_bmc_state(struct pcie_card_sim *sim, unsigned int port,
			    struct pcie_card_sim_bmc_state *state);
int pcie_card_sim_bmc_read(struct pcie_card_sim *sim, unsigned int port,
			   unsigned int reg, u32 *val);
int pcie_card_sim_bmc_write(struct pcie_card_sim *sim, unsigned int port,
			    unsigned int reg, u32 val);
int pcie_card_sim_dev_dfl(struct pci_dev *pdev);
int pcie_card_sim_dev_bmc_read(struct pci_dev *pdev, unsigned int reg,
			       u32 *val);
int pcie_card_sim_dev_bmc_write(struct pci_dev *pdev, unsigned int reg,
				u32 val);

/**
 * enum pcie_card_sim_what - kind of an event in the log
 * @PCIE_CARD_SIM_CFG_WRITE: configuration write
 * @PCIE_CARD_SIM_LINK_UP: the link of a port became active
 * @PCIE_CARD_SIM_LINK_DOWN: the link of a port is not active any more; value
 *	is a reason from &enum pcie_card_sim_reason
 * @PCIE_CARD_SIM_LINK_RATE: the link of a port went through Recovery, and may have
 *	another speed or width; value is Link Status
 * @PCIE_CARD_SIM_SLOT_EVENT: bits set in Slot Status, in value
 * @PCIE_CARD_SIM_IRQ: a port raised its interrupt; value is the conditions that
 *	hold, and in bits 31:28 the number of the message plus 1, if it is one
 * @PCIE_CARD_SIM_DRS: a port got a Device Readiness Status message
 * @PCIE_CARD_SIM_FIRST_REQUEST: the first configuration request to a card since its link
 *	came up; value is for how long that was up, in microseconds
 * @PCIE_CARD_SIM_EARLY_REQUEST: that came too early: value is how much, in microseconds. A
 *	card has 100 ms (PCIe r6.0, sec 6.6.1), if neither the port got its message, nor the
 *	function says that it needs less
 * @PCIE_CARD_SIM_TRIGGER: the card accepted a load of image name
 * @PCIE_CARD_SIM_IMAGE: the card now runs image name
 * @PCIE_CARD_SIM_RESET_FLR: Function Level Reset
 * @PCIE_CARD_SIM_RESET_AF: reset through the Advanced Features capability
 * @PCIE_CARD_SIM_RESET_PM: reset by the transition from D3hot to D0
 * @PCIE_CARD_SIM_RESET_BUS: Secondary Bus Reset in a bridge
 * @PCIE_CARD_SIM_ERROR: uncorrectable error bit in value, logged by a port
 * @PCIE_CARD_SIM_SYSTEM_ERROR: an error reached the root port while system
 *	errors are enabled there: with firmware that is in charge of errors
 *	the machine would stop here
 * @PCIE_CARD_SIM_CORRECTABLE: correctable error bit in value, logged by a port
 * @PCIE_CARD_SIM_RP_PIO: error bit in value of a request that a root port made,
 *	not masked
 * @PCIE_CARD_SIM_SLOT_BUSY: Slot Control was written, with value, before the
 *	command before was completed
 * @PCIE_CARD_SIM_DPC_BUSY: DPC Trigger Status was to be cleared while DPC RP Busy
 *	was set, with value
 * @PCIE_CARD_SIM_DEV_ADD: the kernel added device name
 * @PCIE_CARD_SIM_DEV_BIND: a driver is bound to device name
 * @PCIE_CARD_SIM_DEV_UNBIND: the driver of device name is gone
 * @PCIE_CARD_SIM_DEV_DEL: the kernel removed device name
 * @PCIE_CARD_SIM_WHATS: number of kinds
 */
enum pcie_card_sim_what {
	PCIE_CARD_SIM_CFG_WRITE,
	PCIE_CARD_SIM_LINK_UP,
	PCIE_CARD_SIM_LINK_DOWN,
	PCIE_CARD_SIM_LINK_RATE,
	PCIE_CARD_SIM_SLOT_EVENT,
	PCIE_CARD_SIM_IRQ,
	PCIE_CARD_SIM_DRS,
	PCIE_CARD_SIM_FIRST_REQUEST,
	PCIE_CARD_SIM_EARLY_REQUEST,
	PCIE_CARD_SIM_TRIGGER,
	PCIE_CARD_SIM_IMAGE,
	PCIE_CARD_SIM_RESET_FLR,
	PCIE_CARD_SIM_RESET_AF,
	PCIE_CARD_SIM_RESET_PM,
	PCIE_CARD_SIM_RESET_BUS,
	PCIE_CARD_SIM_ERROR,
	PCIE_CARD_SIM_SYSTEM_ERROR,
	PCIE_CARD_SIM_CORRECTABLE,
	PCIE_CARD_SIM_RP_PIO,
	PCIE_CARD_SIM_SLOT_BUSY,
	PCIE_CARD_SIM_DPC_BUSY,
	PCIE_CARD_SIM_DEV_ADD,
	PCIE_CARD_SIM_DEV_BIND,
	PCIE_CARD_SIM_DEV_UNBIND,
	PCIE_CARD_SIM_DEV_DEL,
	PCIE_CARD_SIM_WHATS
};

/**
 * enum pcie_card_sim_reason - why a link went down
 * @PCIE_CARD_SIM_BY_CARD: the card dropped it
 * @PCIE_CARD_SIM_BY_DISABLE: Link Disable of the port
 * @PCIE_CARD_SIM_BY_RESET: Secondary Bus Reset of the port
 * @PCIE_CARD_SIM_BY_REMOVAL: the card was pulled
 * @PCIE_CARD_SIM_BY_POWER: the slot's power was switched off
 * @PCIE_CARD_SIM_BY_DPC: Downstream Port Containment
 * @PCIE_CARD_SIM_BY_PARENT: the link above went down
 */
enum pcie_card_sim_reason {
	PCIE_CARD_SIM_BY_CARD,
	PCIE_CARD_SIM_BY_DISABLE,
	PCIE_CARD_SIM_BY_RESET,
	PCIE_CARD_SIM_BY_REMOVAL,
	PCIE_CARD_SIM_BY_POWER,
	PCIE_CARD_SIM_BY_DPC,
	PCIE_CARD_SIM_BY_PARENT,
};

/**
 * struct pcie_card_sim_event - one event of the log
 * @seq: number of the event since the host was created, from 0
 * @usec: time since the host was created, in microseconds
 * @what: kind
 * @port: number of the port that it is at or below; for a switch of the host,
 *	and the root port above it, that of the first port of the switch
 * @bus: bus number as the kernel numbers it
 * @devfn: device and function number
 * @reg: register, for configuration writes
 * @size: size of the access in bytes, for configuration writes
 * @value: value written, or bits of the event
 * @name: name of an image or device
 */
struct pcie_card_sim_event {
	u64 seq;
	u64 usec;
	enum pcie_card_sim_what what;
	u8 port;
	u8 bus;
	u8 devfn;
	u8 size;
	u16 reg;
	u32 value;
	char name[PCIE_CARD_SIM_NAME_LEN];
};

/**
 * struct pcie_card_sim_match - which events to find in the log
 * @from_seq: do not look at events before this one
 * @what: bits 1 << &enum pcie_card_sim_what; 0 for all
 * @port: number of the port; negative for all
 * @name: name of the device or image; NULL for all
 * @reg: register of a configuration write; negative for all
 * @devfn: device and function number; negative for all
 */
struct pcie_card_sim_match {
	u64 from_seq;
	unsigned long what;
	int port;
	const char *name;
	int reg;
	int devfn;
};

bool pcie_card_sim_log_find(struct pcie_card_sim *sim,
			    const struct pcie_card_sim_match *match,
			    struct pcie_card_sim_event *event);
unsigned int pcie_card_sim_log_count(struct pcie_card_sim *sim,
				     const struct pcie_card_sim_match *match);
void pcie_card_sim_log_clear(struct pcie_card_sim *sim);
u64 pcie_card_sim_log_seq(struct pcie_card_sim *sim);
bool pcie_card_sim_log_missed(struct pcie_card_sim *sim);
const char *pcie_card_sim_what_str(enum pcie_card_sim_what what);

#endif /* _PCIE_CARD_SIM_H */
