# SPDX-License-Identifier: GPL-2.0-only
#
# The front for people. kbuild does not read this file: it has Kbuild.
#
#   make KDIR=...     builds the modules against a kernel
#   make check        tests everything
#   make help         the rest

KDIR ?= /lib/modules/$(shell uname -r)/build
K ?=
T := tests

.DEFAULT_GOAL := modules

# Below DESTDIR, for a package or another root.
DESTDIR ?=
export DESTDIR PREFIX
ifneq ($(DESTDIR),)
export INSTALL_MOD_PATH ?= $(DESTDIR)
endif

modules: kernel-has-core
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

# Neither the simulator nor KUnit's part, unless SIMULATOR=1 and KUNIT=1 say so.
modules_install: kernel-has-core
	@scripts/modules-install $(KDIR) $(if $(filter 1,$(SIMULATOR)),sim) \
		$(if $(filter 1,$(KUNIT)),kunit)

# What these modules call has to come from somewhere, or they do not link. KBUILD_EXTRA_SYMBOLS
# and kernel-fpga/ are two ways to bring it along.
kernel-has-core:
	@[ -n '$(KBUILD_EXTRA_SYMBOLS)$(wildcard kernel-fpga/Kbuild)' ] || \
		scripts/kernel-has-core $(KDIR)

install: modules_install
	@if [ -f tools/Makefile ]; then $(MAKE) -C tools install; else \
		echo 'The command fpgacard is not in this tree: only modules were installed.'; fi

deb rpm:
	@packaging/build-$@ $(OUT)

check check-full style docs coverage e2e-qemu lockdown pack-test tools-test fleet-test dtbs harness-test mutants fresh torture upstream bench:
	@$(T)/$@.sh

check-smp kunit graft-kunit e2e e2e-overlay fuzz-overlay overlay-notifier rsu-hang build kernel:
	@$(T)/$@.sh $(K)

e2e-devlink:
	@$(T)/devlink.sh $(K)

packages-test:
	@$(T)/packages.sh

matrix:
	@$(T)/matrix.sh $(K)

demo:
	@SHELL_AFTER=$(SHELL_AFTER) $(T)/demo.sh

help:
	@echo 'make [modules] KDIR=...  build the modules (default: the running kernel)'
	@echo 'make modules_install     install them, likewise; SIMULATOR=1 KUNIT=1 take those too'
	@echo 'make install             them and the command fpgacard; DESTDIR= PREFIX='
	@echo 'make deb OUT=DIR         Debian packages that build the modules by DKMS'
	@echo 'make rpm OUT=DIR         the same as rpms; never installed on a system that has those'
	@echo 'make clean KDIR=...      remove what that left'
	@echo 'make -C tools            fpgacard, the command for operators; install DESTDIR= PREFIX='
	@echo
	@echo 'make demo                a reload on the stock Debian kernel, in QEMU (as root)'
	@echo 'make demo SHELL_AFTER=1  and then a shell in the guest'
	@echo 'make bench               how long loads take, beside others and the floor, on that kernel;'
	@echo '                         QUICK=1, ONLY=vfs'
	@echo
	@echo 'make check               what every change has to pass; PART=kunit takes some parts'
	@echo 'make check-full          all that is below, on all kernels: takes hours; CONTINUE=1 goes on'
	@echo 'make check-smp [K=6.1]   KUnit and end to end in real time, on two processors'
	@echo 'make style               checkpatch, sparse, W=1, kernel-doc, shellcheck'
	@echo 'make docs                the documentation, by Sphinx, without a warning; OUT='
	@echo 'make harness-test        that these tests cannot take half-made things for made'
	@echo 'make pack-test           the packer of image files, and the parser of them'
	@echo 'make tools-test          fpgacard: files, manual, memory, and on simulated cards; GUEST=0, ONLY='
	@echo 'make kunit [K=6.12]      the KUnit suites'
	@echo 'make e2e [K=6.12]        the end-to-end cases; ONLY=10 takes some of them'
	@echo 'make e2e CARD=n6000      the cases for an Intel card; also n3000, d5005'
	@echo 'make e2e-qemu            end to end on ports and cards that QEMU brings, and VFIO; ONLY='
	@echo 'make e2e-devlink         the same by devlink, on the stock kernel and on 6.12; K=stock ONLY='
	@echo 'make lockdown            cards that load by registers, on a locked down stock kernel'
	@echo 'make e2e-overlay         overlays: cases on each kernel that takes them; K= and ONLY='
	@echo 'make fuzz-overlay        11000 damaged overlays of each kind: long; K=6.12-kasan'
	@echo 'make overlay-notifier    why no image is loaded from inside the overlay notifier'
	@echo 'make rsu-hang            what comes of OPAE rsu below a hot-plug port'
	@echo 'make upstream            the patches for the kernel: that they apply, and what they save'
	@echo 'make coverage            lines and branches that KUnit and the cases run'
	@echo '                         AGAIN=1 FILES=link.c: what they miss of link.c, by the last run'
	@echo 'make torture             5000 random loads with faults and strangers; SEED=, LOADS=, QUICK=1'
	@echo 'make mutants             breaks the code and sees the cases fail; ONLY='
	@echo 'make fleet-test          the recipes for many hosts: Ansible, libvirt, Kubernetes'
	@echo 'make dtbs                compiles the overlays, and checks them and the binding'
	@echo 'make fresh               demo, style and more on new Debian 12 and 13 systems (as root)'
	@echo 'make fresh QUICK=1       the demo on Debian 12; FULL=1: with nothing from the cache'
	@echo 'make packages-test       the packages in a new Debian 12, and from there in QEMU (as root)'
	@echo 'make matrix              the packages on the kernels that Debian ships, from apt install to'
	@echo '                         apt purge, each in QEMU (as root); K=7.3 ONLY=trixie'
	@echo 'make build [K=7.3]       the modules against a kernel of the harness'
	@echo 'make kernel [K=7.3]      such a kernel itself'
	@echo 'make graft-kunit         the suites by kunit.py, in kernel trees with this one in; K=7.3'
	@echo
	@echo 'In such a tree (scripts/graft KERNELTREE), by hand:'
	@echo '  ./tools/testing/kunit/kunit.py run --arch=x86_64 --kunitconfig=drivers/fpga/card/kunit'
	@echo 'and, with the cases that take long: --kernel_args=fpga_card_kunit.slow=1 --timeout=1800'
	@echo
	@echo 'Kernels and downloads are kept in $${FPGA_CARD_CACHE:-~/.cache/fpga-card}.'
	@echo 'Guests run in virtual time, or with TIME=real as fast as the machine lets them.'
	@echo 'Each test target ends with "N passed, N failed".'

.PHONY: modules modules_install kernel-has-core install deb rpm packages-test matrix clean check check-full check-smp harness-test style docs coverage e2e-qemu lockdown graft-kunit pack-test tools-test fleet-test dtbs kunit mutants fresh torture upstream bench \
	e2e e2e-devlink e2e-overlay fuzz-overlay overlay-notifier rsu-hang build kernel demo help
