// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions in use: a load leaves them alone, unless it is forced.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "fixture.h"
#include "fpga/card.h"
#include "suites.h"

#if IS_ENABLED(CONFIG_NET)

static netdev_tx_t users_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops users_netdev_ops = {
	.ndo_start_xmit = users_xmit,
};

static int users_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *dev = alloc_etherdev(0);
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &users_netdev_ops;
	eth_hw_addr_random(dev);
	SET_NETDEV_DEV(dev, &pdev->dev);
	ret = register_netdev(dev);
	if (ret)
		free_netdev(dev);
	else
		pci_set_drvdata(pdev, dev);
	return ret;
}

static void users_remove(struct pci_dev *pdev)
{
	struct net_device *dev = pci_get_drvdata(pdev);

	unregister_netdev(dev);
	free_netdev(dev);
}

/* For the second function of the image that the card boots. */
static const struct pci_device_id users_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0002) },
	{}
};

static struct pci_driver users_driver = {
	.name = "fpga-card-kunit-net",
	.id_table = users_ids,
	.probe = users_probe,
	.remove = users_remove,
};

static int users_set(struct pci_dev *pdev, bool up)
{
	struct net_device *dev = pci_get_drvdata(pdev);
	int ret = 0;

	rtnl_lock();
	if (up)
		ret = dev_open(dev, NULL);
	else
		dev_close(dev);
	rtnl_unlock();
	return ret;
}

static int users_suite_init(struct kunit_suite *suite)
{
	return pci_register_driver(&users_driver);
}

static void users_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&users_driver);
}

/* A card whose second function is a network interface that is up. */
static struct fpga_card *users_boot(struct fixture *fx)
{
	struct fpga_card *card;
	struct pci_dev *pdev;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	device_release_driver(&pdev->dev);
	KUNIT_ASSERT_EQ(fx->test, 0, device_driver_attach(&users_driver.driver,
							  &pdev->dev));
	KUNIT_ASSERT_EQ(fx->test, 0, users_set(pdev, true));
	pci_dev_put(pdev);
	card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return card;
}

static void interface_that_is_up_stops_a_load(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	card = users_boot(fx);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_NOT_NULL(test, strstr(card->last_error,
					   "fpga-card-kunit-net"));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND, NULL,
					      0, &event));

	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	users_set(pdev, false);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void forced_load_passes_over_an_interface(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = users_boot(fx);
	card->force = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	fpga_card_put(card);
}

/* Only its name makes it a driver of users' devices. */
static int users_probe_nothing(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id users_vfio_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0003) },
	{}
};

static struct pci_driver users_vfio_driver = {
	.name = "vfio-fpga-card-kunit",
	.id_table = users_vfio_ids,
	.probe = users_probe_nothing,
};

static void user_that_blocks_is_not_passed_over(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	KUNIT_ASSERT_EQ(test, 0, pci_register_driver(&users_vfio_driver));
	fx->images[0].fn[2] = fx->images[0].fn[1];
	fx->images[0].fn[2].device = 0x0003;
	card = users_boot(fx);
	pdev = fixture_function(fx, 0, 2);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	device_release_driver(&pdev->dev);
	KUNIT_EXPECT_EQ(test, 0,
			device_driver_attach(&users_vfio_driver.driver,
					     &pdev->dev));
	pcie_card_sim_log_clear(fx->sim);

	/* The interface on the function before it may go, this may not. */
	card->force = true;
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_NOT_NULL(test, strstr(card->last_error,
					   users_vfio_driver.name));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND, NULL,
					      0, &event));
	pci_unregister_driver(&users_vfio_driver);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static struct kunit_case users_cases[] = {
	KUNIT_CASE(interface_that_is_up_stops_a_load),
	KUNIT_CASE(forced_load_passes_over_an_interface),
	KUNIT_CASE(user_that_blocks_is_not_passed_over),
	{}
};

struct kunit_suite fpga_card_users_suite = {
	.name = "fpga_card_users",
	.suite_init = users_suite_init,
	.suite_exit = users_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = users_cases,
};

#else /* !CONFIG_NET */

static void interface_that_is_up_stops_a_load(struct kunit *test)
{
	kunit_skip(test, "the kernel has no network");
}

static struct kunit_case users_cases[] = {
	KUNIT_CASE(interface_that_is_up_stops_a_load),
	{}
};

struct kunit_suite fpga_card_users_suite = {
	.name = "fpga_card_users",
	.test_cases = users_cases,
};

#endif /* CONFIG_NET */
