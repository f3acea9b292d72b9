// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions in use: a load leaves them alone, unless it is forced; and some
 * even then.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define USERS_NET_DEVICE	0x0002
#define USERS_VFIO_DEVICE	0x0003

#if IS_ENABLED(CONFIG_NET)

static netdev_tx_t users_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops users_netdev_ops = {
	.ndo_start_xmit = users_xmit,
};

static void users_net_drop(void *data)
{
	struct net_device *dev = data;

	unregister_netdev(dev);
	free_netdev(dev);
}

/* Goes when @parent loses its driver. */
static int users_net_add(struct device *parent)
{
	struct net_device *dev = alloc_etherdev(0);
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &users_netdev_ops;
	eth_hw_addr_random(dev);
	SET_NETDEV_DEV(dev, parent);
	ret = register_netdev(dev);
	if (ret) {
		free_netdev(dev);
		return ret;
	}
	dev_set_drvdata(parent, dev);
	return devm_add_action_or_reset(parent, users_net_drop, dev);
}

static const char *users_net_name(struct device *dev)
{
	return netdev_name(dev_get_drvdata(dev));
}

static int users_net_set(struct device *parent, bool up)
{
	struct net_device *dev = dev_get_drvdata(parent);
	int ret = 0;

	rtnl_lock();
	if (up)
		ret = dev_open(dev, NULL);
	else
		dev_close(dev);
	rtnl_unlock();
	return ret;
}

#else /* !CONFIG_NET */

static int users_net_add(struct device *parent)
{
	return 0;
}

static const char *users_net_name(struct device *dev)
{
	return "none";
}

static int users_net_set(struct device *parent, bool up)
{
	return -EOPNOTSUPP;
}

#endif /* CONFIG_NET */

static int users_net_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return users_net_add(&pdev->dev);
}

static const struct pci_device_id users_net_ids[] = {
	{ PCI_DEVICE(0x1234, USERS_NET_DEVICE) },
	{}
};

static struct pci_driver users_net_driver = {
	.name = "fpga-card-kunit-net",
	.id_table = users_net_ids,
	.probe = users_net_probe,
};

static int users_vfio_probe(struct pci_dev *pdev,
			    const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id users_vfio_ids[] = {
	{ PCI_DEVICE(0x1234, USERS_VFIO_DEVICE) },
	{}
};

/* Only its name makes it one of VFIO's. */
static struct pci_driver users_vfio_driver = {
	.name = "fpga_card_kunit_vfio_pci",
	.id_table = users_vfio_ids,
	.probe = users_vfio_probe,
};

/* What an overlay describes as the image's insides may have such a driver. */
static int users_child_probe(struct platform_device *child)
{
	return users_net_add(&child->dev);
}

static struct platform_driver users_child_driver = {
	.driver.name = "fpga-card-kunit-child",
	.probe = users_child_probe,
};

static int users_suite_init(struct kunit_suite *suite)
{
	int ret = pci_register_driver(&users_net_driver);

	if (ret)
		return ret;
	ret = pci_register_driver(&users_vfio_driver);
	if (ret)
		goto err_net;
	ret = platform_driver_register(&users_child_driver);
	if (ret)
		goto err_vfio;
	return 0;

err_vfio:
	pci_unregister_driver(&users_vfio_driver);
err_net:
	pci_unregister_driver(&users_net_driver);
	return ret;
}

static void users_suite_exit(struct kunit_suite *suite)
{
	platform_driver_unregister(&users_child_driver);
	pci_unregister_driver(&users_vfio_driver);
	pci_unregister_driver(&users_net_driver);
}

/* A card whose second and third function have our drivers. */
static struct fpga_card *users_boot(struct fixture *fx)
{
	struct pcie_card_sim_function *fn = fx->images[0].fn;
	struct fpga_card *card;

	fn[2] = fn[1];
	fn[1].device = USERS_NET_DEVICE;
	fn[2].device = USERS_VFIO_DEVICE;
	fixture_start(fx);
	pci_dev_put(fixture_bind(fx, 0, 1, &users_net_driver));
	pci_dev_put(fixture_bind(fx, 0, 2, &users_vfio_driver));
	card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return card;
}

/* To be given back with pci_dev_put(). */
static struct pci_dev *users_function(struct fixture *fx, unsigned int fn)
{
	struct pci_dev *pdev = fixture_function(fx, 0, fn);

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	return pdev;
}

static void interface_that_is_up_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_NET))
		kunit_skip(test, "the kernel has no network");
	card = users_boot(fx);
	pdev = users_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&pdev->dev, true));
	load_expect_refused(fx, card, &pdev->dev, users_net_name(&pdev->dev));
	users_net_set(&pdev->dev, false);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static void forced_load_passes_over_an_interface(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_NET))
		kunit_skip(test, "the kernel has no network");
	card = users_boot(fx);
	pdev = users_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&pdev->dev, true));
	pci_dev_put(pdev);
	card->settings.force = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	fpga_card_put(card);
}

/* Not for that of a colleague, later, who does not look. */
static void force_is_for_one_request(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_NET))
		kunit_skip(test, "the kernel has no network");
	card = users_boot(fx);
	card->settings.force = true;
	KUNIT_EXPECT_EQ(test, -ENOENT, fpga_card_load(card, "nothing"));
	pdev = users_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&pdev->dev, true));
	KUNIT_ASSERT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&pdev->dev, false));
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void interface_of_a_child_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct platform_device *child;
	struct fpga_card *card;

	if (!IS_ENABLED(CONFIG_NET))
		kunit_skip(test, "the kernel has no network");
	card = users_boot(fx);
	child = platform_device_register_data(&card->region->dev,
					      users_child_driver.driver.name,
					      PLATFORM_DEVID_NONE, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(child));
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&child->dev, true));
	load_expect_refused(fx, card, &child->dev, users_net_name(&child->dev));
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&child->dev, false));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	platform_device_unregister(child);
	fpga_card_put(card);
}

static void closed_vfio_function_stops_no_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = users_boot(fx);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	fpga_card_put(card);
}

/* VFIO enables a function when it is opened, and disables it at the close. */
static void open_vfio_function_stops_even_a_forced_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = users_boot(fx);
	struct pci_dev *pdev = users_function(fx, 2);

	KUNIT_EXPECT_EQ(test, 0, pci_enable_device(pdev));
	load_expect_refused(fx, card, &pdev->dev, "open through VFIO");
	card->settings.force = true;
	load_expect_refused(fx, card, &pdev->dev, "open through VFIO");
	pci_disable_device(pdev);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void function_of_a_guest_stops_even_a_forced_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = users_boot(fx);
	struct pci_dev *pdev = users_function(fx, 1);

	pci_set_dev_assigned(pdev);
	load_expect_refused(fx, card, &pdev->dev, "assigned to a guest");
	card->settings.force = true;
	load_expect_refused(fx, card, &pdev->dev, "assigned to a guest");
	pci_clear_dev_assigned(pdev);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void who_cannot_be_passed_over_is_named_first(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *net, *vfio;
	struct fpga_card *card;

	if (!IS_ENABLED(CONFIG_NET))
		kunit_skip(test, "the kernel has no network");
	card = users_boot(fx);
	net = users_function(fx, 1);
	vfio = users_function(fx, 2);
	KUNIT_EXPECT_EQ(test, 0, users_net_set(&net->dev, true));
	KUNIT_EXPECT_EQ(test, 0, pci_enable_device(vfio));
	load_expect_refused(fx, card, &vfio->dev, "and 1 more");
	/* Forced, only one is in the way. */
	card->settings.force = true;
	load_expect_refused(fx, card, &vfio->dev, "open through VFIO;");
	pci_disable_device(vfio);
	card->settings.force = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	pci_dev_put(vfio);
	pci_dev_put(net);
	fpga_card_put(card);
}

static struct kunit_case users_cases[] = {
	KUNIT_CASE(interface_that_is_up_stops_a_load),
	KUNIT_CASE(interface_of_a_child_stops_a_load),
	KUNIT_CASE(forced_load_passes_over_an_interface),
	KUNIT_CASE(force_is_for_one_request),
	KUNIT_CASE(closed_vfio_function_stops_no_load),
	KUNIT_CASE(open_vfio_function_stops_even_a_forced_load),
	KUNIT_CASE(function_of_a_guest_stops_even_a_forced_load),
	KUNIT_CASE(who_cannot_be_passed_over_is_named_first),
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
