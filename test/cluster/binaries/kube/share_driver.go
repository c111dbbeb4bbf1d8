// A CSI driver of the harness in the place of nfs.csi.k8s.io: it mounts a share
// into a pod that describes the volume itself. A share is a directory
// <root>/<server>/<share> that outlives pods, and the mount is a bind mount, so
// that no NFS client is needed. A directory that is not there is a share that is
// not exported. What kubelet and driver say to each other is the official API.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/klog/v2"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	"k8s.io/mount-utils"
)

const (
	shareDriverName = "nfs.csi.k8s.io"
	// Set by the kubelet where the CSIDriver object says podInfoOnMount.
	ephemeralKey = "csi.storage.k8s.io/ephemeral"
)

var serverName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$`)

type shareDriver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
	registration.UnimplementedRegistrationServer
	node   string
	shares *os.Root
	mounts mount.Interface
}

func newShareDriverCommand() *cobra.Command {
	var socket, root, node string
	command := &cobra.Command{
		Use:  "share-driver",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return serveShares(socket, root, node) },
	}
	command.Flags().StringVar(&socket, "socket", "", "socket in the kubelet's registry of plugins")
	command.Flags().StringVar(&root, "root", "", "directory of <server>/<share>")
	command.Flags().StringVar(&node, "node", "", "name of the node")
	return command
}

// One socket for registration and driver: the kubelet takes the one it found where no other is named.
func serveShares(socket, root, node string) error {
	shares, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	driver := &shareDriver{node: node, shares: shares, mounts: mount.New("")}
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, driver)
	csi.RegisterIdentityServer(server, driver)
	csi.RegisterNodeServer(server, driver)
	return server.Serve(listener)
}

func (d *shareDriver) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              shareDriverName,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (d *shareDriver) NotifyRegistrationStatus(
	_ context.Context, told *registration.RegistrationStatus,
) (*registration.RegistrationStatusResponse, error) {
	klog.Infof("registered: %t %s", told.PluginRegistered, told.Error)
	return &registration.RegistrationStatusResponse{}, nil
}

func (d *shareDriver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: shareDriverName, VendorVersion: "harness"}, nil
}

func (d *shareDriver) GetPluginCapabilities(
	context.Context, *csi.GetPluginCapabilitiesRequest,
) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (d *shareDriver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (d *shareDriver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: d.node}, nil
}

func (d *shareDriver) NodeGetCapabilities(
	context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (d *shareDriver) NodePublishVolume(
	_ context.Context, asked *csi.NodePublishVolumeRequest,
) (*csi.NodePublishVolumeResponse, error) {
	target := asked.GetTargetPath()
	if asked.GetVolumeId() == "" || target == "" || asked.GetVolumeCapability().GetMount() == nil {
		return nil, status.Error(codes.InvalidArgument, "volume_id, target_path and a capability to mount must be given")
	}
	share, err := d.openShare(asked.GetVolumeContext())
	if err != nil {
		klog.Infof("%s is not mounted: %v", target, err)
		return nil, err
	}
	defer share.Close()
	if err := d.bind(share, target, asked.GetReadonly()); err != nil {
		return nil, status.Errorf(codes.Internal, "%s cannot be mounted at %s: %v", share.Name(), target, err)
	}
	klog.Infof("%s is mounted at %s", share.Name(), target)
	return &csi.NodePublishVolumeResponse{}, nil
}

func (d *shareDriver) NodeUnpublishVolume(
	_ context.Context, asked *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	target := asked.GetTargetPath()
	if asked.GetVolumeId() == "" || target == "" {
		return nil, status.Error(codes.InvalidArgument, "volume_id and target_path must be given")
	}
	// Also of a directory that is no mount, or that is not there any more.
	if err := mount.CleanupMountPoint(target, d.mounts, true); err != nil {
		return nil, status.Errorf(codes.Internal, "%s cannot be unmounted: %v", target, err)
	}
	klog.Infof("%s is unmounted", target)
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// What is opened is below the root, whatever links whoever writes into a share has put there.
func (d *shareDriver) openShare(attributes map[string]string) (*os.File, error) {
	if attributes[ephemeralKey] != "true" {
		return nil, status.Error(codes.InvalidArgument, "only a volume that a pod describes itself can be mounted: name it below csi in the pod")
	}
	server, share := attributes["server"], attributes["share"]
	if !serverName.MatchString(server) {
		return nil, status.Errorf(codes.InvalidArgument, "attribute server must be the name or address of a server, not %q", server)
	}
	if !path.IsAbs(share) || path.Clean(share) != share || share == "/" {
		return nil, status.Errorf(codes.InvalidArgument, "attribute share must be an absolute path without . and .., not %q", share)
	}
	opened, err := d.shares.Open(filepath.Join(server, share))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, status.Errorf(codes.NotFound, "server %s does not export %s", server, share)
	}
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "server %s cannot give %s: %v", server, share, err)
	}
	if info, err := opened.Stat(); err != nil || !info.IsDir() {
		opened.Close()
		return nil, status.Errorf(codes.InvalidArgument, "%s of server %s is no directory", share, server)
	}
	return opened, nil
}

func (d *shareDriver) bind(share *os.File, target string, readOnly bool) error {
	if err := os.MkdirAll(target, 0o750); err != nil {
		return err
	}
	if mounted, err := d.mounts.IsMountPoint(target); err != nil || mounted {
		return err
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", share.Fd()), target, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	if !readOnly {
		return nil
	}
	err := unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
	if err != nil {
		return errors.Join(err, unix.Unmount(target, unix.MNT_DETACH))
	}
	return nil
}
